// Function URLs. Same as AWS, by its documentation and recordings of its answers: who is let in (AuthType and resource policy, both actions
// that a URL made since October 2025 takes), the event, CORS, both invoke modes (see invoke-modes.ts), the errors. Checked with curl and
// the SDK's signers. On purpose: plain HTTP, at {urlId}.lambda-url.{region}.localhost and /_aws/lambda-url/{urlId}; no x-amzn-tls-* headers;
// every signer is the account itself, since identity policies are not evaluated.
// Missing: Host names of AWS (on.aws), dual stack, CloudFront's origin access control.
import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type CredentialStore, clientSignal, type HttpResponse, send } from '@spillway/http';
import { AwsError, bodyOf, FunctionError, type Limits } from '@spillway/wire';
import type { LambdaInvoker } from '../invoke.ts';
import { authorizeAnyone, authorizeSigner } from './authorize.ts';
import { isPreflight, preflightResponse, withCors } from './cors.ts';
import { BadResult } from './function-result.ts';
import type { FunctionUrlAddress } from './function-url-address.ts';
import { functionUrlEvent } from './function-url-event.ts';
import { readFunctionUrlRequest } from './function-url-request.ts';
import type { FunctionUrl, FunctionUrls } from './function-urls.ts';
import { invokeModes, release } from './invoke-modes.ts';

export interface FunctionUrlContext {
  readonly region: string;
  readonly limits: Limits;
  readonly credentials: CredentialStore;
  readonly invoker: LambdaInvoker;
  readonly functionUrls: FunctionUrls;
  /** One line for the terminal. */
  readonly report: (line: string) => void;
}

/** Answers one request to a function URL. Never rejects. */
export async function handleFunctionUrl(
  context: FunctionUrlContext,
  address: FunctionUrlAddress,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const requestId = randomUUID();
  const traceId = traceIdOf(request);
  const own = [
    ['x-amzn-RequestId', requestId],
    ['X-Amzn-Trace-Id', traceId],
  ] as const;
  const signal = clientSignal(response);
  const url = context.functionUrls.byId(address.urlId);
  try {
    const answer = await responseTo({ context, url, address, request, requestId, traceId, signal });
    // A body that nobody reads (HEAD, 204, 304) must be told so.
    await send(response, { ...answer, headers: [...own, ...answer.headers] }, signal).finally(() =>
      release(answer.body),
    );
  } catch (error) {
    if (signal.aborted) return;
    report(context, url, request, error);
    if (response.headersSent) response.destroy();
    else await sendError(response, error, own, url, request.headers.origin).catch(() => response.destroy());
  }
}

interface Exchange {
  readonly context: FunctionUrlContext;
  readonly url: FunctionUrl | undefined;
  readonly address: FunctionUrlAddress;
  readonly request: IncomingMessage;
  readonly requestId: string;
  readonly traceId: string;
  readonly signal: AbortSignal;
}

async function responseTo({
  context,
  url,
  address,
  request,
  requestId,
  traceId,
  signal,
}: Exchange): Promise<HttpResponse> {
  const { region, limits, invoker, credentials } = context;
  const isHere = url !== undefined && (address.region ?? region) === region;
  if (!isHere) throw unknownUrl();
  const { functionName: name, qualifier, authType, invokeMode, cors } = url.configuration;
  if (cors !== undefined && isPreflight(request)) return preflightResponse(cors, request.headers.origin ?? '');
  const functionName = qualifier === undefined ? name : `${name}:${qualifier}`;
  const { policy } = invoked(invoker, functionName);
  if (authType === 'NONE') authorizeAnyone(policy, url.configuration);
  const read = await readFunctionUrlRequest(request, address, requestId, limits);
  const caller = authType === 'NONE' ? undefined : authorizeSigner(request, read.body, region, credentials);
  const payload = Buffer.from(JSON.stringify(functionUrlEvent(read, region, traceId, caller)));
  const invocation = { functionName, payload, requestId, traceId, signal };
  const answer = await invokeModes[invokeMode](invoker, invocation, limits.preludeBytes);
  return { ...answer, headers: withCors(answer.headers, cors, request.headers.origin) };
}

function invoked(invoker: LambdaInvoker, functionName: string) {
  try {
    return invoker.invokedFunction({ functionName });
  } catch (error) {
    throw error instanceof AwsError && error.code === 'ResourceNotFoundException' ? unknownUrl(error) : error;
  }
}

const UNKNOWN_URL = 'No function has such a URL.';

const unknownUrl = (cause?: unknown) => new AwsError('AccessDeniedException', { message: UNKNOWN_URL, cause });

/** Keeps the client's root and sampling decision, as X-Ray asks of every service on the way. */
function traceIdOf({ headers }: IncomingMessage): string {
  const given = String(headers['x-amzn-trace-id'] ?? '');
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  const root =
    /Root=(1-[0-9a-f]{8}-[0-9a-f]{24})/i.exec(given)?.[1] ?? `1-${seconds}-${randomBytes(12).toString('hex')}`;
  return `Root=${root};Parent=${randomBytes(8).toString('hex')};Sampled=${/Sampled=([01])/i.exec(given)?.[1] ?? '0'}`;
}

/** A function that failed, or gave no answer of HTTP, is a bad gateway; all else as the Lambda API says it. */
async function sendError(
  response: ServerResponse,
  error: unknown,
  own: HttpResponse['headers'],
  url: FunctionUrl | undefined,
  origin: string | undefined,
): Promise<void> {
  const { status, text, errorType } = isBadGateway(error) ? BAD_GATEWAY : errorDocument(error);
  const bytes = Buffer.from(text);
  const headers = [
    ...own,
    ['Content-Type', 'application/json'] as const,
    ...(errorType === undefined ? [] : [['x-amzn-ErrorType', errorType] as const]),
    ...withCors([], url?.configuration.cors, origin),
    ['Content-Length', String(bytes.byteLength)] as const,
  ];
  await send(response, { status, headers, body: bodyOf(bytes) });
}

const BAD_GATEWAY = { status: 502, text: 'Internal Server Error', errorType: undefined };

const isBadGateway = (error: unknown) =>
  error instanceof FunctionError ||
  error instanceof BadResult ||
  (error instanceof AwsError && error.code === 'PreludeDelimiterMissing');

function errorDocument(error: unknown) {
  const known = error instanceof AwsError ? error : new AwsError('ServiceException', { cause: error });
  const { code, status, message, details } = known;
  const hasCapital = code === 'AccessDeniedException' || code === 'RequestEntityTooLargeException';
  const text = message === UNKNOWN_URL ? null : message;
  return {
    status,
    errorType: code,
    text: JSON.stringify(hasCapital ? { Message: text } : { ...details, message: text }),
  };
}

function report(context: FunctionUrlContext, url: FunctionUrl | undefined, request: IncomingMessage, error: unknown) {
  const isKnown = error instanceof AwsError || error instanceof FunctionError || error instanceof BadResult;
  const text = error instanceof AwsError ? [error.message, error.advice].filter(Boolean).join(' ') : String(error);
  const name = url?.configuration.functionName ?? 'unknown';
  context.report(
    `Function URL of ${name}, ${request.method} ${request.url}: ${isKnown ? text : `unexpected: ${text}`}`,
  );
}
