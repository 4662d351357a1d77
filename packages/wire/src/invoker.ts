import type { Body } from './body.ts';

/** An invocation, as the Invoke API takes it. */
export interface InvokeRequest {
  /** Name, partial ARN or ARN; may end in a qualifier. */
  readonly functionName: string;
  readonly payload: Uint8Array;
  /** Who calls. A service needs a statement in the function's policy; undefined is the account itself. */
  readonly caller?: { readonly service: string; readonly sourceArn: string };
  /** `Root=1-...;Parent=...;Sampled=0`. */
  readonly traceId?: string;
  /** The caller has left. The function runs on, as on Lambda; what it still sends is read and thrown away. */
  readonly signal?: AbortSignal;
}

/** What Invoke answers when the function returned. */
export interface InvokeResponse {
  readonly requestId: string;
  readonly executedVersion: string;
  readonly payload: Uint8Array;
}

/** What InvokeWithResponseStream answers as soon as the invocation was accepted. */
export interface InvokeWithResponseStreamResponse {
  readonly requestId: string;
  readonly executedVersion: string;
  /**
   * The payload chunks. Throws `FunctionError` where AWS ends the stream with an InvokeComplete event that holds an ErrorCode,
   * before the first chunk too; throws the signal's reason after an abort.
   */
  readonly body: Body;
}

/**
 * Lambda as API Gateway sees it.
 * Both reject with `AwsError`: `ResourceNotFoundException`, `AccessDeniedException` (no statement allows the caller),
 * `TooManyRequestsException` (throttled), `RequestEntityTooLargeException`, `InvalidRequestContentException`.
 */
export interface Invoker {
  /** @throws FunctionError when the function failed, timed out, crashed, or its response is too large. */
  invoke(request: InvokeRequest): Promise<InvokeResponse>;
  invokeWithResponseStream(request: InvokeRequest): Promise<InvokeWithResponseStreamResponse>;
}
