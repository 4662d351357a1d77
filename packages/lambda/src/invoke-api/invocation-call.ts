import { clientSignal, toBody } from '@spillway/http';
import { AwsError, readWhole } from '@spillway/wire';
import type { LambdaCall, LambdaContext } from '../control-plane/lambda-operation.ts';
import { parseFunctionName } from '../function-name.ts';
import type { InvocationRequest } from '../invoke.ts';
import { LogTail } from '../log-tail.ts';

export type InvocationType = 'RequestResponse' | 'Event' | 'DryRun';

/** A request of Invoke or InvokeWithResponseStream, its event not yet checked. */
export interface InvocationCall {
  readonly invocationType: InvocationType;
  readonly request: InvocationRequest;
  readonly logTail: LogTail | undefined;
}

/** Decoded, bytes. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
const MAX_CLIENT_CONTEXT_BYTES = 3583;

/**
 * Reads what both operations take.
 * @throws AwsError `ValidationException`, `InvalidParameterValueException`, `InvalidRequestContentException`, `RequestEntityTooLargeException`.
 */
export async function readInvocationCall(
  { limits, region }: LambdaContext,
  { request, response, parameters, query, requestId }: LambdaCall,
  invocationTypes: readonly InvocationType[],
): Promise<InvocationCall> {
  const header = (name: string) => String(request.headers[name] ?? '') || undefined;
  refuseMissing(header);
  const invocationType = oneOf(invocationTypes, 'invocationType', header('x-amz-invocation-type'), 'RequestResponse');
  const logType = oneOf(['None', 'Tail'], 'logType', header('x-amz-log-type'), 'None');
  const clientContext = readClientContext(header('x-amz-client-context'));
  const functionName = qualifiedName(parameters['FunctionName'] ?? '', query['Qualifier'], region);
  const payload = await readWhole(toBody(request), limits.lambdaRequestBytes, 'RequestEntityTooLargeException');
  const traceId = header('x-amzn-trace-id');
  const logTail = logType === 'Tail' && invocationType === 'RequestResponse' ? new LogTail() : undefined;
  return {
    invocationType,
    logTail,
    request: {
      functionName,
      payload,
      requestId,
      signal: clientSignal(response),
      ...(traceId !== undefined && { traceId }),
      ...(clientContext !== undefined && { clientContext }),
      ...(logTail && { logTail }),
    },
  };
}

/** What would change the invocation, and is not there. */
function refuseMissing(header: (name: string) => string | undefined): void {
  for (const name of ['X-Amz-Tenant-Id', 'X-Amz-Durable-Execution-Name']) {
    if (header(name.toLowerCase()) === undefined) continue;
    const feature = name === 'X-Amz-Tenant-Id' ? 'Tenant isolation' : 'Durable execution';
    throw new AwsError('InvalidParameterValueException', { message: `${feature} (${name}) is not supported here.` });
  }
}

/** @throws AwsError `InvalidParameterValueException` when name and query say different ones. */
function qualifiedName(functionName: string, qualifier: string | undefined, region: string): string {
  const given = parseFunctionName(functionName, region).qualifier;
  if (qualifier === undefined || qualifier === given) return functionName;
  if (given === undefined) return `${functionName}:${qualifier}`;
  throw new AwsError('InvalidParameterValueException', {
    message: 'The derived qualifier from the function name does not match the specified qualifier.',
  });
}

function oneOf<Value extends string>(
  values: readonly Value[],
  member: string,
  text: string | undefined,
  fallback: Value,
): Value {
  const found = text === undefined ? fallback : values.find((value) => value === text);
  if (found !== undefined) return found;
  throw new AwsError('ValidationException', {
    message:
      `1 validation error detected: Value '${text}' at '${member}' failed to satisfy constraint: ` +
      `Member must satisfy enum value set: [${values.join(', ')}]`,
  });
}

/** The JSON text, in ASCII, as a header can carry it to the runtime. */
function readClientContext(base64: string | undefined): string | undefined {
  if (base64 === undefined) return undefined;
  const bytes = Buffer.from(base64, 'base64');
  try {
    if (bytes.byteLength <= MAX_CLIENT_CONTEXT_BYTES) return asciiJson(JSON.parse(bytes.toString()));
  } catch (error) {
    throw new AwsError('InvalidRequestContentException', {
      message: 'Client context must be a valid Base64-encoded JSON object.',
      cause: error,
    });
  }
  throw new AwsError('InvalidRequestContentException', {
    message: `Client context must be at most ${MAX_CLIENT_CONTEXT_BYTES} bytes.`,
  });
}

const asciiJson = (value: unknown) =>
  JSON.stringify(value).replace(
    /[^ -~]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
