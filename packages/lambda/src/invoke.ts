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
import type { Functions } from './functions.ts';
import type { Answer } from './invocation.ts';
import { StreamedAnswer } from './streamed-answer.ts';

export interface LambdaInvokerOptions {
  readonly region: string;
  readonly limits: Limits;
  readonly functions: Functions;
  readonly concurrency: Concurrency;
}

const EXECUTED_VERSION = '$LATEST';

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
    const answer = new BufferedAnswer(this.#options.limits.lambdaBufferedResponseBytes, request.signal);
    const requestId = this.#accept(request, answer);
    return { requestId, executedVersion: EXECUTED_VERSION, payload: await answer.payload };
  }

  async invokeWithResponseStream(request: InvokeRequest): Promise<InvokeWithResponseStreamResponse> {
    const answer = new StreamedAnswer(this.#options.limits, request.signal);
    const requestId = this.#accept(request, answer);
    return { requestId, executedVersion: EXECUTED_VERSION, body: answer.body };
  }

  /** Lets no more in. */
  stop(): void {
    this.#isClosed = true;
  }

  /** Waits for what runs. */
  async ended(): Promise<void> {
    await Promise.all(this.#running);
  }

  /** Checks a request in AWS's order and starts its invocation. Gives back the request id. */
  #accept({ functionName, payload, caller, traceId, signal }: InvokeRequest, answer: Answer): string {
    signal?.throwIfAborted();
    if (this.#isClosed) throw new AwsError('ServiceException', { message: 'The server is stopping.' });
    const { region, limits, functions, concurrency } = this.#options;
    const invoked = functions.get(functionName);
    if (!invoked.policy.allows({ action: 'lambda:InvokeFunction', caller })) throw notAllowed(functionArn(region, invoked.configuration.functionName));
    if (payload.byteLength > limits.lambdaRequestBytes) throw new AwsError('RequestEntityTooLargeException');
    const event = checkedEvent(payload);
    const leave = concurrency.enter(invoked.configuration);
    const requestId = randomUUID();
    const { name, qualifier } = parseFunctionName(functionName, region);
    const invokedArn = functionArn(region, name) + (qualifier === undefined ? '' : `:${qualifier}`);
    const invocation = {
      requestId,
      payload: event,
      functionArn: invokedArn,
      answer,
      ...(traceId !== undefined && { traceId }),
    };
    const running = invoked.run(invocation, leave).finally(leave);
    this.#running.add(running);
    void running.then(() => this.#running.delete(running));
    return requestId;
  }
}

/** An event is JSON; none at all is an empty object. @throws AwsError `InvalidRequestContentException`. */
function checkedEvent(payload: Uint8Array): Uint8Array {
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
