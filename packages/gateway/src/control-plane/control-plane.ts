// API Gateway REST APIs, control plane: the REST-JSON API of 2015-07-09. Same as AWS: paths, statuses, shapes (those of the service model),
// defaults and messages, as recordings of AWS's answers have them; pages of 25; patch operations; deployments as snapshots. On purpose: an API
// that a template made is here too and can be edited, but is not kept over a restart, since the template makes it anew; requests are not asked
// who sent them; writes are done one after the other; there is one account and one Region.
// Missing, and refused by name: Cognito, usage plans, canaries, models and validators of one's own, export, SDKs, custom domains, VPC links,
// client certificates, documentation, compression, resource policies, integrations of type AWS and HTTP. Quotas of counts are not enforced.

import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  clientSignal,
  findRestOperation,
  readJson,
  requestTarget,
  sendJson,
  sendRestError,
  toBody,
} from '@spillway/http';
import { AwsError, readWhole } from '@spillway/wire';
import { ACCOUNT_OPERATIONS } from './account.ts';
import { API_KEY_OPERATIONS } from './api-keys.ts';
import { AUTHORIZER_OPERATIONS } from './authorizers.ts';
import { DEPLOYMENT_OPERATIONS } from './deployments.ts';
import { GATEWAY_RESPONSE_OPERATIONS } from './gateway-responses.ts';
import { IMPORT_OPERATIONS, takesDocument } from './import-rest-api.ts';
import { Input } from './input.ts';
import { INTEGRATION_RESPONSE_OPERATIONS } from './integration-responses.ts';
import { INTEGRATION_OPERATIONS } from './integrations.ts';
import { METHOD_RESPONSE_OPERATIONS } from './method-responses.ts';
import { METHOD_OPERATIONS } from './methods.ts';
import { MODEL_OPERATIONS } from './models.ts';
import type { Call, ControlPlane, Operation } from './operation.ts';
import { REFUSED_OPERATIONS } from './refused-operations.ts';
import { RESOURCE_OPERATIONS } from './resources.ts';
import { REST_API_OPERATIONS } from './rest-apis.ts';
import { STAGE_OPERATIONS } from './stages.ts';
import { TAG_OPERATIONS } from './tags.ts';
import { TEST_INVOKE_OPERATIONS } from './test-invoke-method.ts';

export const OPERATIONS: readonly Operation[] = [
  ...REST_API_OPERATIONS,
  ...IMPORT_OPERATIONS,
  ...RESOURCE_OPERATIONS,
  ...METHOD_OPERATIONS,
  ...METHOD_RESPONSE_OPERATIONS,
  ...INTEGRATION_OPERATIONS,
  ...INTEGRATION_RESPONSE_OPERATIONS,
  ...TEST_INVOKE_OPERATIONS,
  ...DEPLOYMENT_OPERATIONS,
  ...STAGE_OPERATIONS,
  ...AUTHORIZER_OPERATIONS,
  ...GATEWAY_RESPONSE_OPERATIONS,
  ...API_KEY_OPERATIONS,
  ...TAG_OPERATIONS,
  ...MODEL_OPERATIONS,
  ...ACCOUNT_OPERATIONS,
  ...REFUSED_OPERATIONS,
];

/** 6 MB, AWS's limit of a definition file; other bodies are far smaller. */
const BODY_BYTES = 6 * 1_048_576;

/** Answers the requests of one Region. */
export class ControlPlaneApi {
  readonly #controlPlane: ControlPlane;
  #lastWrite: Promise<unknown> = Promise.resolve();

  constructor(controlPlane: ControlPlane) {
    this.#controlPlane = controlPlane;
  }

  /** Settles when the answer is out or the client has left; never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    try {
      const { operation, call } = await readCall(request, clientSignal(response));
      const { status, body } = await this.#run(operation, call);
      await sendJson(response, status, body, [['x-amzn-RequestId', requestId]]);
    } catch (error) {
      if (!(error instanceof AwsError)) {
        this.#controlPlane.report(`${request.method} ${request.url}: ${String(error)}`);
      }
      await sendRestError(response, error, requestId).catch(() => response.destroy());
    }
  }

  /** A write sees all writes before it; a read, and an invocation that may take long, wait for none. */
  async #run({ name, method, run }: Operation, call: Call) {
    if (method === 'GET' || name.startsWith('Test')) return await run(call, this.#controlPlane);
    const write = this.#lastWrite.then(() => run(call, this.#controlPlane));
    this.#lastWrite = write.catch(() => {});
    return await write;
  }
}

async function readCall(request: IncomingMessage, client: AbortSignal) {
  const { rawPath, query } = requestTarget(request);
  const method = request.method ?? 'GET';
  const isImport = query.some(([name, value]) => name === 'mode' && value === 'import');
  const found = findRestOperation(
    OPERATIONS.filter(({ name }) => name.startsWith('Import') === isImport || method !== 'POST'),
    method,
    rawPath,
  );
  if (found === undefined) {
    throw new AwsError('UnknownOperationException', {
      message: `API Gateway has no operation ${method} ${rawPath}, or Spillway does not know it.`,
    });
  }
  const { operation, parameters } = found;
  const isDocument = takesDocument(operation.name);
  const document = isDocument
    ? Buffer.from(await readWhole(toBody(request), BODY_BYTES, 'BadRequestException')).toString()
    : '';
  const members = isDocument ? {} : await readJson(request, BODY_BYTES, 'BadRequestException');
  const inputName = `${operation.name.charAt(0).toLowerCase()}${operation.name.slice(1)}Input`;
  const call: Call = { parameters, query, document, client, input: new Input(inputName, members) };
  return { operation, call };
}
