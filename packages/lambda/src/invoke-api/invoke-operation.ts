import { type HttpResponse, sendBytes } from '@spillway/http';
import { FunctionError } from '@spillway/wire';
import type { LambdaCall, LambdaContext } from '../control-plane/lambda-operation.ts';
import type { StartedInvocation } from '../invoke.ts';
import { type InvocationCall, type InvocationType, readInvocationCall } from './invocation-call.ts';

type Answer = (context: LambdaContext, call: LambdaCall, invocation: InvocationCall) => Promise<void>;

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
export async function invoke(context: LambdaContext, call: LambdaCall): Promise<void> {
  const invocation = await readInvocationCall(context, call, ['RequestResponse', 'Event', 'DryRun']);
  await answers[invocation.invocationType](context, call, invocation);
}

const answers: Readonly<Record<InvocationType, Answer>> = {
  RequestResponse: requestResponse,
  Event: event,
  DryRun: dryRun,
};

async function requestResponse(
  { invoker }: LambdaContext,
  { response }: LambdaCall,
  { request, logTail }: InvocationCall,
): Promise<void> {
  const answer = invoker.bufferedAnswer(request.signal);
  const started = invoker.start(request, answer);
  const { payload, headers } = await answer.payload.then(
    (whole) => ({ payload: whole, headers: [] }),
    (error: unknown) => failed(error),
  );
  // The log's last line comes after the answer.
  if (logTail) await started.ended;
  const logResult = logTail ? [['X-Amz-Log-Result', logTail.toBase64()] as const] : [];
  await sendBytes(response, 200, [...ownHeaders(started), ...headers, ...logResult], payload);
}

/** A function that failed is an answer, too. @throws what is none. */
function failed(error: unknown): { readonly payload: Uint8Array; readonly headers: HttpResponse['headers'] } {
  if (!(error instanceof FunctionError)) throw error;
  return { payload: Buffer.from(error.payload), headers: [['X-Amz-Function-Error', error.errorCode]] };
}

const ownHeaders = ({ requestId, executedVersion }: StartedInvocation): HttpResponse['headers'] => [
  ['Content-Type', 'application/json'],
  ['x-amzn-RequestId', requestId],
  ['X-Amz-Executed-Version', executedVersion],
];

async function event(context: LambdaContext, call: LambdaCall, { request }: InvocationCall): Promise<void> {
  context.asynchronousInvocations.add(request);
  await sendBytes(call.response, 202, [['x-amzn-RequestId', call.requestId]], new Uint8Array());
}

/** Would it be allowed? The event is checked, too. */
export async function dryRun(
  { invoker }: LambdaContext,
  { response, requestId }: LambdaCall,
  { request }: InvocationCall,
): Promise<void> {
  invoker.invokedFunction(request);
  invoker.checkedEvent(request.payload);
  await sendBytes(response, 204, [['x-amzn-RequestId', requestId]], new Uint8Array());
}
