import { randomUUID } from 'node:crypto';
import {
  AwsError,
  functionArn,
  type InvokeRequest,
  type InvokeResponse,
  type Invoker,
  type InvokeWithResponseStreamResponse,
  type Limits,
} from '@spillway/wire';
import { BufferedAnswer } from './buffered-answer.ts';
import type { Concurrency } from './concurrency.ts';
import { parseFunctionName } from './function-name.ts';
import type { Functions, InvokableFunction } from './functions.ts';
import type { Answer, Invocation } from './invocation.ts';
import { StreamedAnswer } from './streamed-answer.ts';

export interface LambdaInvokerOptions {
  readonly region: string;
  readonly limits: Limits;
  readonly functions: Functions;
  readonly concurrency: Concurrency;
}

/** What callers of the Lambda API may say besides. */
export type InvocationRequest = InvokeRequest &
  Pick<Invocation, 'clientContext' | 'logTail'> & {
    /** Of an invocation that is tried again. */
    readonly requestId?: string;
  };

/** An invocation that was let in. */
export interface StartedInvocation {
  readonly requestId: string;
  readonly executedVersion: string;
  /** Settles when all of it is over: the environment is ready for the next one, and the log is whole. Never rejects. */
  readonly ended: Promise<void>;
}

/**
 * Invoke and InvokeWithResponseStream.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export class LambdaInvoker implements Invoker {
  readonly #options: LambdaInvokerOptions;
  readonly #running = new Set<Promise<void>>();
  #isClosed = false;

  constructor(options: LambdaInvokerOptions) {
    this.#options = options;
  }

  async invoke(request: InvokeRequest): Promise<InvokeResponse> {
    const answer = this.bufferedAnswer(request.signal);
    const { requestId, executedVersion } = this.start(request, answer);
    return { requestId, executedVersion, payload: await answer.payload };
  }

  async invokeWithResponseStream(request: InvokeRequest): Promise<InvokeWithResponseStreamResponse> {
    const answer = this.streamedAnswer(request.signal);
    const { requestId, executedVersion } = this.start(request, answer);
    return { requestId, executedVersion, body: answer.body };
  }

  bufferedAnswer(signal?: AbortSignal): BufferedAnswer {
    return new BufferedAnswer(this.#options.limits.lambdaBufferedResponseBytes, signal);
  }

  streamedAnswer(signal?: AbortSignal): StreamedAnswer {
    return new StreamedAnswer(this.#options.limits, signal);
  }

  /** Lets no more in. */
  stop(): void {
    this.#isClosed = true;
  }

  /** Waits for what runs. */
  async ended(): Promise<void> {
    await Promise.all(this.#running);
  }

  /**
   * Checks a request in AWS's order and starts its invocation.
   * @throws AwsError as `Invoker` says.
   */
  start(request: InvocationRequest, answer: Answer): StartedInvocation {
    const { signal, clientContext, logTail, traceId, requestId = randomUUID() } = request;
    signal?.throwIfAborted();
    const invoked = this.invokedFunction(request);
    const payload = this.checkedEvent(request.payload);
    const leave = this.#options.concurrency.enter(invoked.configuration);
    const invocation: Invocation = {
      requestId,
      payload,
      functionArn: this.#invokedArn(request.functionName),
      answer,
      ...(traceId !== undefined && { traceId }),
      ...(clientContext !== undefined && { clientContext }),
      ...(logTail !== undefined && { logTail }),
    };
    const ended = invoked.run(invocation, leave).finally(leave);
    this.#running.add(ended);
    void ended.then(() => this.#running.delete(ended));
    return { requestId, executedVersion: invoked.version, ended };
  }

  /** The function that `caller` may invoke. @throws AwsError `ResourceNotFoundException`, `AccessDeniedException`. */
  invokedFunction({ functionName, caller }: Pick<InvokeRequest, 'functionName' | 'caller'>): InvokableFunction {
    if (this.#isClosed) throw new AwsError('ServiceException', { message: 'The server is stopping.' });
    const { region, functions } = this.#options;
    const invoked = functions.get(functionName);
    if (!invoked.policy.allows({ action: 'lambda:InvokeFunction', caller }))
      throw notAllowed(functionArn(region, invoked.configuration.functionName));
    return invoked;
  }

  /** @throws AwsError `RequestEntityTooLargeException`, `InvalidRequestContentException`. */
  checkedEvent(payload: Uint8Array): Uint8Array {
    if (payload.byteLength <= this.#options.limits.lambdaRequestBytes) return checkedJson(payload);
    throw new AwsError('RequestEntityTooLargeException');
  }

  /** With a qualifier only if the caller gave one. */
  #invokedArn(functionName: string): string {
    const { region } = this.#options;
    const { name, qualifier } = parseFunctionName(functionName, region);
    return functionArn(region, name) + (qualifier === undefined ? '' : `:${qualifier}`);
  }
}

/** An event is JSON; none at all is an empty object. @throws AwsError `InvalidRequestContentException`. */
function checkedJson(payload: Uint8Array): Uint8Array {
  if (payload.byteLength === 0) return Buffer.from('{}');
  try {
    JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString());
    return payload;
  } catch (error) {
    const detail = (error as Error).message;
    throw new AwsError('InvalidRequestContentException', {
      message: `Could not parse request body into json: Could not parse payload into json: ${detail}`,
      cause: error,
    });
  }
}

const notAllowed = (arn: string) =>
  new AwsError('AccessDeniedException', {
    message: `User is not authorized to perform: lambda:InvokeFunction on resource: ${arn} because no resource-based policy allows the lambda:InvokeFunction action`,
  });
