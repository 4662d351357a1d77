import {
  AwsError,
  type Body,
  bodyOf,
  encodePrelude,
  type InvokeRequest,
  type InvokeResponse,
  type Invoker,
  type InvokeWithResponseStreamResponse,
  type Prelude,
} from '@spillway/wire';

/** What a function does with an event: a result for Invoke, a stream for InvokeWithResponseStream. */
export interface FakeFunction {
  readonly result?: (request: InvokeRequest) => unknown;
  readonly stream?: (request: InvokeRequest) => Body;
}

/** Lambda in process: no environments, no limits. Keeps every request. */
export class FakeInvoker implements Invoker {
  readonly requests: InvokeRequest[] = [];
  readonly functions: Readonly<Record<string, FakeFunction>>;

  constructor(functions: Readonly<Record<string, FakeFunction>>) {
    this.functions = functions;
  }

  /** The event of the last invocation. */
  get event(): Record<string, unknown> {
    return JSON.parse(text(this.requests.at(-1)?.payload ?? new Uint8Array()));
  }

  async invoke(request: InvokeRequest): Promise<InvokeResponse> {
    const result = await this.#function(request).result?.(request);
    const payload = result instanceof Uint8Array ? result : bytes(JSON.stringify(result));
    return { requestId: 'lambda-request', executedVersion: '$LATEST', payload };
  }

  async invokeWithResponseStream(request: InvokeRequest): Promise<InvokeWithResponseStreamResponse> {
    const body = this.#function(request).stream?.(request) ?? bodyOf();
    return { requestId: 'lambda-request', executedVersion: '$LATEST', body };
  }

  #function(request: InvokeRequest): FakeFunction {
    this.requests.push(request);
    const name = request.functionName.split(':').at(-1) ?? '';
    const found = this.functions[name];
    if (found === undefined) {
      throw new AwsError('ResourceNotFoundException', { message: `Function not found: ${request.functionName}` });
    }
    return found;
  }
}

export const bytes = (content: string): Uint8Array => new TextEncoder().encode(content);
const text = (content: Uint8Array): string => new TextDecoder().decode(content);

/** Metadata, delimiter, then these chunks. */
export function streamOf(prelude: Prelude, ...chunks: readonly (string | Uint8Array)[]): Body {
  return bodyOf(encodePrelude(prelude), ...chunks.map((chunk) => (typeof chunk === 'string' ? bytes(chunk) : chunk)));
}

/** Waits until the signal is aborted, as Invoker promises, and throws its reason. */
export function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (signal?.aborted) reject(signal.reason);
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
