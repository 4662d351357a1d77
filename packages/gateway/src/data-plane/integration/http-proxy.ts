import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { LOOPBACK_ADDRESS, toBody } from '@spillway/http';
import { traceHeader } from '../exchange.ts';
import { ExecutionError } from '../execution-error.ts';
import { type HeaderList, headerPairs, headerValue, httpProxyRequestHeaders, withoutHeader } from '../headers.ts';
import type { IntegrationCall } from '../integration-call.ts';
import { type IntegrationRequest, type MappedParameter, mappedParameters } from '../integration-request.ts';
import { traceEndpointRequest } from '../request-trace.ts';
import type { IntegrationAnswer } from '../transfer/transfer.ts';
import { type HttpUri, parseHttpUri } from './http-uri.ts';
import { renderStageVariables } from './lambda-uri.ts';

// HTTP_PROXY. Same as API Gateway as recorded: parameter mapping, query merge, header rules, status and redirects passed on. Chosen: any
// port and any address; Connection is not passed (it is about one hop); trailers and 1xx answers are dropped. Missing: VPC links,
// client certificates, insecureSkipVerification.

/** What it returns settles when the backend's whole header block is there. */
export function httpProxy(from: IntegrationRequest): (call: IntegrationCall) => Promise<IntegrationAnswer> {
  const uri = renderedUri(from);
  const { httpMethod } = from.request;
  const method = from.integration.httpMethod === 'ANY' ? httpMethod : (from.integration.httpMethod ?? 'GET');
  const parameters = mappedParameters(from);
  const headers = headersOf(from, uri, parameters);
  const path = targetOf(uri, parameters, from.request.rawQuery);
  const options = {
    ...address(uri),
    method,
    path,
    headers: headers.flat(),
    setHost: false,
    agent: false,
  };
  return async (call) => {
    const { signal } = call;
    const { body } = from.request;
    traceEndpointRequest(from.exchange, { uri: `${uri.protocol}//${uri.host}${path}`, headers, body });
    const response = await call.waitFor(responseOf(uri, { ...options, signal }, body));
    call.integrationStatus = response.statusCode;
    const answered = headerPairs(response.rawHeaders);
    return {
      from: 'http',
      status: statusOf(uri, response),
      isHead: method === 'HEAD',
      // A backend that was asked with HEAD announces a length that it does not send.
      headers: method === 'HEAD' && httpMethod !== 'HEAD' ? withoutHeader(answered, 'content-length') : answered,
      body: toBody(response, { truncated: 'NetworkErrorCommunicatingWithEndpoint', signal }),
    };
  };
}

function renderedUri({ integration, stage }: IntegrationRequest): HttpUri {
  const text = renderStageVariables(integration.uri ?? '', stage.configuration.variables);
  const uri = parseHttpUri(text);
  if (uri === undefined) throw new ExecutionError('invalidEndpoint', { detail: `${text} is no HTTP endpoint` });
  return uri;
}

/** `*.localhost` is this machine by definition; Node asks a resolver that may not know. */
function address({ protocol, host }: HttpUri): RequestOptions {
  const [, hostname = host, port] = /^(.*?)(?::(\d+))?$/.exec(host) ?? [];
  const isLocal = hostname === 'localhost' || hostname.endsWith('.localhost');
  return {
    protocol,
    hostname: isLocal ? LOOPBACK_ADDRESS : hostname.replace(/^\[(.*)\]$/, '$1'),
    ...(port === undefined ? {} : { port }),
  };
}

/** What the uri says, what the client sent, what is mapped: all of it, in this order. */
function targetOf(uri: HttpUri, parameters: readonly MappedParameter[], clientQuery: string): string {
  const mapped = parameters
    .filter(({ to }) => to === 'querystring')
    .flatMap(({ name, values, isEncoded }) =>
      values.map((value) => `${encodeURIComponent(name)}=${isEncoded ? value : encodeURIComponent(value)}`),
    );
  const query = [fill(uri.rawQuery, parameters), clientQuery, ...mapped].filter((part) => part !== '').join('&');
  const path = fill(uri.path, parameters);
  return query === '' ? path : `${path}?${query}`;
}

/** Fills `{name}` and `{name+}`, in the path and in the query of the uri, from `integration.request.path.name` alone. */
function fill(text: string, parameters: readonly MappedParameter[]): string {
  return text.replace(/\{([^{}]+?)\+?\}/g, (braces, name: string) => {
    const parameter = parameters.find(({ to, name: given }) => to === 'path' && given === name);
    const value = parameter?.values[0];
    if (parameter === undefined || value === undefined) return encodeURI(braces);
    return parameter.isEncoded ? value : encodeURIComponent(value);
  });
}

function headersOf(
  { exchange, request, route, integration }: IntegrationRequest,
  uri: HttpUri,
  parameters: readonly MappedParameter[],
): HeaderList {
  const mapped = parameters
    .filter(({ to }) => to === 'header')
    .flatMap(({ name, values }) => values.map((value) => [name, value] as const));
  const own: HeaderList = [
    ['Host', uri.host],
    ['X-Amzn-Apigateway-Api-Id', request.apiId],
    ['X-Amzn-Trace-Id', traceHeader(exchange.traceId)],
    ...lengthHeader(request.body, integration.httpMethod),
  ];
  const replaced = [...own, ...mapped].map(([name]) => name.toLowerCase());
  const passed = httpProxyRequestHeaders(request.headers, route.method.authorizationType).filter(
    ([name]) => !replaced.includes(name.toLowerCase()),
  );
  return [...own, ...passed, ...mapped.filter(([name]) => headerValue(own, name) === undefined)];
}

function lengthHeader(body: Uint8Array, httpMethod: string | undefined): HeaderList {
  const mayBeEmpty = httpMethod === 'GET' || httpMethod === 'HEAD' || httpMethod === 'ANY';
  return body.byteLength === 0 && mayBeEmpty ? [] : [['Content-Length', String(body.byteLength)]];
}

function responseOf(uri: HttpUri, options: RequestOptions, body: Uint8Array): Promise<IncomingMessage> {
  return new Promise<IncomingMessage>((resolve, reject) => {
    const request = (uri.protocol === 'https:' ? httpsRequest : httpRequest)(options);
    request.once('response', resolve);
    request.once('upgrade', (_response, socket) => {
      socket.destroy();
      reject(new Error('the backend answered 101 Switching Protocols'));
    });
    request.on('error', reject);
    request.end(body);
  }).catch((error: unknown) => {
    throw connectionError(uri, error);
  });
}

/** @throws ExecutionError `networkError` for what is no final status of HTTP. */
function statusOf(uri: HttpUri, { statusCode = 0 }: IncomingMessage): number {
  if (statusCode >= 200) return statusCode;
  throw connectionError(uri, new Error(`the backend answered with the status ${statusCode}`));
}

const UNUSABLE_ADDRESS = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ERR_INVALID_URL',
  'ERR_UNESCAPED_CHARACTERS',
  'ERR_INVALID_CHAR',
]);

function connectionError(uri: HttpUri, cause: unknown): ExecutionError {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  const failure = UNUSABLE_ADDRESS.has(code) || code === 'ERR_SOCKET_BAD_PORT' ? 'invalidEndpoint' : 'networkError';
  return new ExecutionError(failure, { detail: `${uri.protocol}//${uri.host}: ${message || code}`, cause });
}
