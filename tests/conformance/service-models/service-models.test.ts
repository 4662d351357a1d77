import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS as API_GATEWAY } from '../../../packages/gateway/src/control-plane/control-plane.ts';
import { REFUSED_OPERATIONS } from '../../../packages/gateway/src/control-plane/refused-operations.ts';
import { CredentialStore } from '../../../packages/http/src/index.ts';
import { IamStore } from '../../../packages/iam/src/iam-store.ts';
import { policyOperations } from '../../../packages/iam/src/policy-operations.ts';
import { roleOperations } from '../../../packages/iam/src/role-operations.ts';
import { rolePolicyOperations } from '../../../packages/iam/src/role-policy-operations.ts';
import { Sessions, stsOperations } from '../../../packages/iam/src/sts-operations.ts';
import { codeOperations } from '../../../packages/lambda/src/control-plane/code-locations.ts';
import { unsupportedOperations } from '../../../packages/lambda/src/control-plane/unsupported-operations.ts';
import { OPERATIONS as LAMBDA } from '../../../packages/lambda/src/lambda-api.ts';
import { OPERATIONS as LOGS } from '../../../packages/lambda/src/logs/logs-api.ts';
import { type Local, startLocal } from '../../../packages/local/src/index.ts';
import { findOperation } from '../../../packages/origin/src/operations.ts';
import { AwsError, MemoryState } from '../../../packages/wire/src/index.ts';
import { CheckedCalls } from './checked-call.ts';
import { KNOWN_DIFFERENCES, KNOWN_REFUSALS } from './known-differences.ts';
import { MISSING, readServiceModel, type ServiceName } from './service-model.ts';
import { walkApiGateway } from './walk-apigateway.ts';
import { SESSION_ROLE, walkIam, walkSts } from './walk-iam.ts';
import { makeFunction, walkLambda } from './walk-lambda.ts';
import { walkLogs } from './walk-logs.ts';
import { walkS3 } from './walk-s3.ts';

// Each operation that a service has, by the service's own table, is called over HTTP; status, headers and body of the raw answer are held
// against the model that AWS's SDKs are made of, as botocore ships it.

const namesOf = (operations: readonly { readonly name: string }[]) => operations.map(({ name }) => name);

function without(
  operations: readonly { readonly name: string }[],
  ...refused: (readonly { readonly name: string }[])[]
) {
  const names = new Set(refused.flatMap(namesOf));
  return namesOf(operations).filter((name) => !names.has(name));
}

/** The operations of the model at whose place S3 finds one. */
function s3Operations(): string[] {
  return Object.values(readServiceModel('s3').operations).flatMap(({ name, http }) => {
    const [path = '', search = ''] = http.requestUri.split('?');
    const query = new Map(new URLSearchParams(`${search}&${OF_AN_UPLOAD.includes(name) ? 'uploadId=u' : ''}`));
    return foundInS3(http.method, path, query, /Copy(Object)?$/.test(name));
  });
}

const OF_AN_UPLOAD = ['UploadPart', 'UploadPartCopy', 'ListParts', 'CompleteMultipartUpload', 'AbortMultipartUpload'];

function foundInS3(method: string, path: string, query: ReadonlyMap<string, string>, isCopy: boolean): string[] {
  const address = {
    isVirtualHosted: false,
    ...(path.includes('{Bucket}') && { bucketName: 'b' }),
    ...(path.includes('{Key+}') && { key: 'k' }),
  };
  try {
    return [findOperation(method, address, query, isCopy).name];
  } catch (error) {
    if (error instanceof AwsError && error.code === 'NotImplemented') return [];
    throw error;
  }
}

const store = new IamStore(new MemoryState());
const SERVICES = [
  ['apigateway', walkApiGateway, without(API_GATEWAY, REFUSED_OPERATIONS)],
  // GetLayerVersionByArn has the place of ListLayers, and a query.
  ['lambda', walkLambda, [...without(LAMBDA, unsupportedOperations, codeOperations), 'GetLayerVersionByArn']],
  ['logs', walkLogs, Object.keys(LOGS)],
  [
    'iam',
    walkIam,
    Object.keys({ ...roleOperations(store), ...rolePolicyOperations(store), ...policyOperations(store) }),
  ],
  ['sts', walkSts, Object.keys(stsOperations(store, new Sessions(new CredentialStore())))],
] as const;

describe.skipIf(MISSING !== undefined)(`service models${MISSING === undefined ? '' : ` (need ${MISSING})`}`, () => {
  let local: Local;
  beforeAll(async () => {
    local = await startLocal({ templates: [], port: 0 });
    const { call, faults } = new CheckedCalls('lambda', local.url);
    await makeFunction(call, 'invoked');
    expect(faults).toEqual([]);
    await new CheckedCalls('iam', local.url).call('CreateRole', SESSION_ROLE);
  });
  afterAll(() => local?.close());

  async function walked(service: ServiceName, walk: (call: CheckedCalls['call']) => Promise<void>) {
    const calls = new CheckedCalls(service, local.url);
    await walk(calls.call).catch((error: unknown) => calls.faults.push(String(error)));
    const known = KNOWN_DIFFERENCES[service];
    return {
      faults: calls.faults.filter((fault) => !known.some((difference) => difference.fault.test(fault))),
      // One that AWS's SDKs see no more is no difference.
      gone: known.filter((difference) => !calls.faults.some((fault) => difference.fault.test(fault))),
      operations: [...calls.walked].sort(),
    };
  }

  it.each(SERVICES)('every operation of %s answers as its model says', async (service, walk, operations) => {
    expect(await walked(service, walk)).toEqual({ faults: [], gone: [], operations: [...new Set(operations)].sort() });
  });

  // Nothing that STS walks goes away.
  it.each(SERVICES.filter(([service]) => service !== 'sts'))(
    '%s refuses as its model says what is not there any more',
    async (service, walk) => {
      const calls = new CheckedCalls(service, local.url);
      await walk(calls.call);
      const { faults, refused } = await calls.sendAgain();
      expect(faults.filter((fault) => !KNOWN_REFUSALS.some((known) => known.fault.test(fault)))).toEqual([]);
      expect(refused.size).toBeGreaterThan(0);
    },
  );

  it('every operation of s3 answers as its model says', async () => {
    expect(await walked('s3', walkS3)).toEqual({
      faults: [],
      gone: [],
      operations: [...new Set(s3Operations())].sort(),
    });
  });
});
