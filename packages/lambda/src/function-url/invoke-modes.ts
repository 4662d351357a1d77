// The two invoke modes of a function URL. Same as AWS, by its documentation and recordings of its answers: BUFFERED takes a response of payload
// format 2.0, or makes one of any result; RESPONSE_STREAM takes the head from before the delimiter and sends each byte as it comes, at Lambda's
// pace. A Content-Length that a streaming function gives comes out as x-amzn-remapped-content-length: the stream is chunked, so that nothing
// but its own end tells a whole body. Chosen, as AWS does not say: what a stream without integration type is sent as (its runtime's
// Content-Type), which other headers are renamed (those that API Gateway renames). On purpose: a stream without a byte of body ends, where
// AWS is reported to hang; Content-Encoding passes, where AWS is reported to strip it.
import type { HttpResponse } from '@spillway/http';
import { type Body, bodyOf, type FunctionUrlConfiguration, PRELUDE_CONTENT_TYPE, splitPrelude } from '@spillway/wire';
import type { InvocationRequest, LambdaInvoker } from '../invoke.ts';
import { readFunctionResult, readPrelude } from './function-result.ts';

type Headers = HttpResponse['headers'];

/** Settles when status and headers are known. Its body must be read or returned. */
export type InvokeMode = (
  invoker: LambdaInvoker,
  request: InvocationRequest,
  preludeBytes: number,
) => Promise<HttpResponse>;

export const invokeModes: Readonly<Record<FunctionUrlConfiguration['invokeMode'], InvokeMode>> = {
  BUFFERED: buffered,
  RESPONSE_STREAM: responseStream,
};

async function buffered(invoker: LambdaInvoker, request: InvocationRequest): Promise<HttpResponse> {
  const answer = invoker.bufferedAnswer(request.signal);
  invoker.start(request, answer);
  const { status, headers, body } = readFunctionResult(await answer.payload);
  // Such an answer has no body, and says nothing of one.
  if (status === 204 || status === 304) return { status, headers: sentHeaders(without(headers, 'content-length')) };
  const length = ['Content-Length', String(body.byteLength)] as const;
  const sent = withContentType(sentHeaders(without(headers, 'content-length')), 'application/json');
  return { status, headers: [...sent, length], body: bodyOf(body) };
}

async function responseStream(
  invoker: LambdaInvoker,
  request: InvocationRequest,
  preludeBytes: number,
): Promise<HttpResponse> {
  const answer = invoker.streamedAnswer(request.signal);
  invoker.start(request, answer);
  const { first, body } = await begun(answer.body);
  const contentType = answer.response?.contentType || 'application/octet-stream';
  if (contentType !== PRELUDE_CONTENT_TYPE) return { status: 200, headers: [['Content-Type', contentType]], body };
  // A function that ended its stream without a head: AWS sends what there is, which is nothing.
  if (first === undefined) return { status: 200, headers: [['Content-Type', 'application/octet-stream']], body };
  const { preludeText, payload } = await splitPrelude(body, preludeBytes);
  try {
    const { status, headers } = readPrelude(preludeText);
    return { status, headers: withContentType(sentHeaders(headers), 'application/octet-stream'), body: payload };
  } catch (error) {
    void release(payload);
    throw error;
  }
}

/** Waits for the first piece, or the end. The body starts with it. */
async function begun(body: Body): Promise<{ readonly first: Uint8Array | undefined; readonly body: Body }> {
  const source = body[Symbol.asyncIterator]();
  const result = await source.next();
  const first = result.done ? undefined : result.value;
  let firstIsDue = first !== undefined;
  const iterator: AsyncIterator<Uint8Array> = {
    next: () => {
      if (!firstIsDue) return source.next();
      firstIsDue = false;
      return Promise.resolve(result);
    },
    return: async () => (await source.return?.()) ?? { done: true, value: undefined },
  };
  return { first, body: { [Symbol.asyncIterator]: () => iterator } };
}

/** Nobody reads the rest. */
export const release = async (body: Body | undefined): Promise<void> => {
  await body?.[Symbol.asyncIterator]().return?.();
};

const RENAMED: ReadonlySet<string> = new Set(['connection', 'content-length', 'date', 'server', 'www-authenticate']);
const DROPPED: ReadonlySet<string> = new Set([
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-amzn-requestid',
]);

function sentHeaders(headers: Headers): Headers {
  return headers.flatMap(([name, value]) => {
    const known = name.toLowerCase();
    if (DROPPED.has(known)) return [];
    return [[RENAMED.has(known) ? `x-amzn-remapped-${known}` : name, value] as const];
  });
}

const without = (headers: Headers, name: string): Headers => headers.filter(([given]) => given.toLowerCase() !== name);

const withContentType = (headers: Headers, contentType: string): Headers =>
  headers.some(([name]) => name.toLowerCase() === 'content-type')
    ? headers
    : [...headers, ['Content-Type', contentType]];
