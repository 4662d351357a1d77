import { send } from '@spillway/http';
import { FunctionError } from '@spillway/wire';
import type { LambdaCall, LambdaContext } from '../control-plane/lambda-operation.ts';
import { EVENT_STREAM_CONTENT_TYPE, eventStream, type InvokeComplete } from './event-stream.ts';
import { readInvocationCall } from './invocation-call.ts';
import { dryRun } from './invoke-operation.ts';

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html */
export async function invokeWithResponseStream(context: LambdaContext, call: LambdaCall): Promise<void> {
  const invocation = await readInvocationCall(context, call, ['RequestResponse', 'DryRun']);
  const { invocationType, request, logTail } = invocation;
  if (invocationType === 'DryRun') return dryRun(context, call, invocation);
  const answer = context.invoker.streamedAnswer(request.signal);
  const { requestId, executedVersion, ended } = context.invoker.start(request, answer);
  const body = eventStream(answer.body, async (failure) => {
    const error = errorOf(failure);
    // The log's last line comes after the answer.
    if (logTail) await ended;
    return { ...error, ...(logTail && { LogResult: logTail.toBase64() }) };
  });
  const headers = [
    ['Content-Type', EVENT_STREAM_CONTENT_TYPE],
    ['x-amzn-RequestId', requestId],
    ['X-Amz-Executed-Version', executedVersion],
  ] as const;
  await send(call.response, { status: 200, headers, body }, request.signal);
}

/** @throws what is no failure of the function: a stream that ends by it has no InvokeComplete. */
function errorOf(failure: unknown): InvokeComplete {
  if (failure === undefined) return {};
  if (!(failure instanceof FunctionError)) throw failure;
  const isTooLarge = failure.errorType === 'Function.ResponseSizeTooLarge';
  return { ErrorCode: isTooLarge ? failure.errorType : failure.errorCode, ErrorDetails: failure.payload };
}
