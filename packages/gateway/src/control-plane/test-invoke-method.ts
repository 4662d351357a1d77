import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { parseTarget } from '@spillway/http';
import type { Method, RestApi } from '@spillway/wire';
import { type Exchange, exchangeOf } from '../data-plane/exchange.ts';
import { execute } from '../data-plane/execute.ts';
import { pathTemplates } from '../data-plane/route.ts';
import { type FoundMethod, findMethod } from './find.ts';
import { type Call, type ControlPlane, type Operation, ok } from './operation.ts';
import { badRequest } from './refusal.ts';
import type { Stage } from './stage.ts';
import { bufferResponse } from './test-invoke-response.ts';

// TestInvokeMethod. Same as AWS: the method as it stands, without a deployment, authorization or API key; one buffered answer, that ends after
// 35 seconds or 1 MB; status 0 when there were no headers by then; no log of a streaming method, no Content-Length among the headers. Missing:
// clientCertificateId, refused by name.

export const TEST_INVOKE_OPERATIONS: readonly Operation[] = [
  {
    name: 'TestInvokeMethod',
    method: 'POST',
    path: '/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}',
    run: testInvokeMethod,
  },
];

const STAGE_NAME = 'test-invoke-stage';

async function testInvokeMethod(call: Call, controlPlane: ControlPlane) {
  const { input } = call;
  const found = findMethod(call, controlPlane);
  if (found.method.integration === undefined) throw badRequest('No integration defined for method');
  input.refuse('clientCertificateId');
  const stage = testStage(found, input.record('stageVariables') ?? {});
  const incoming = incomingMessage(input.text('body') ?? '');
  const ends = new AbortController();
  const end = () => ends.abort();
  call.client.addEventListener('abort', end, { once: true });
  const exchange = exchangeOf(requestHead(call, found), controlPlane.limits, ends.signal);
  const restApis = { stage: () => stage, endpointType: () => stage.deployment.restApi.endpointType };
  try {
    const answering = execute(exchange, incoming, { ...controlPlane.execution, restApis });
    return ok(await bufferResponse(exchange, answering, end));
  } finally {
    call.client.removeEventListener('abort', end);
    exchange.call?.close();
  }
}

/** The API as it stands, of which only this method can be reached. */
function testStage({ document, resource, method }: FoundMethod, variables: Readonly<Record<string, string>>): Stage {
  const open: Method = { ...method, authorizationType: 'NONE', apiKeyRequired: false };
  const only = { ...resource, methods: { [method.httpMethod]: open } };
  const restApi: RestApi = { ...document.restApi, disableExecuteApiEndpoint: false, resources: [only] };
  return {
    configuration: { stageName: STAGE_NAME, variables, loggingLevel: 'INFO' },
    deployment: { id: '', restApi, templates: pathTemplates([only]) },
    accessLogGroup: undefined,
  };
}

function requestHead({ input }: Call, { document, resource, method }: FoundMethod): Exchange['head'] {
  const { rawPath, rawQuery, query } = parseTarget(input.text('pathWithQueryString') || resource.path);
  const single = Object.entries(input.record('headers') ?? {});
  const multiple = Object.entries(input.lists('multiValueHeaders') ?? {});
  return {
    apiId: document.restApi.id,
    stageName: STAGE_NAME,
    domainName: 'testPrefix.testDomainName',
    rawPath,
    rawQuery,
    query,
    httpMethod: method.httpMethod === 'ANY' ? 'GET' : method.httpMethod,
    protocol: 'HTTP/1.1',
    headers: [
      ...single.filter(([name]) => !multiple.some(([other]) => other.toLowerCase() === name.toLowerCase())),
      ...multiple.flatMap(([name, values]) => values.map((value) => [name, value] as const)),
    ],
    sourceIp: 'test-invoke-source-ip',
    port: 443,
  };
}

/** The data plane reads requests as Node gives them. */
function incomingMessage(body: string): IncomingMessage {
  const incoming = new IncomingMessage(new Socket());
  incoming.push(body);
  incoming.push(null);
  incoming.complete = true;
  return incoming;
}
