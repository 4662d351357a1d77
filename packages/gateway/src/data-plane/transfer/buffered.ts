import type { HttpResponse } from '@spillway/http';
import { AwsError, bodyOf, type Limits, PRELUDE_DELIMITER, readWhole } from '@spillway/wire';
import { firstMediaType, isBinary } from '../binary-media-types.ts';
import { ExecutionError } from '../execution-error.ts';
import { type HeaderList, headerValue } from '../headers.ts';
import { type ProxyResponse, readMetadata, readProxyResponse, sentHeaders } from '../proxy-response.ts';
import type { IntegrationAnswer, Transfer, TransferContext } from './transfer.ts';

// BUFFERED: the one place that holds a whole response. Same as API Gateway as recorded: which results it tolerates, header merge,
// base64 only when isBase64Encoded and the first type of Accept is a binary media type, 10 MB. Chosen: the bytes of an HTTP
// proxy pass untouched, whatever the binary media types.

export const buffered: Transfer = {
  logName: 'BUFFERED',
  action: 'invocations',
  tooLarge: 'lambdaResponseTooLarge',
  timeoutMs: (timeoutInMillis, limits) =>
    Math.min(timeoutInMillis ?? limits.bufferedIntegrationTimeoutMs, limits.bufferedIntegrationTimeoutMs),
  idleTimeoutMs: () => Number.POSITIVE_INFINITY,

  async respond(answer: IntegrationAnswer, context: TransferContext): Promise<HttpResponse> {
    const { call, trace } = context;
    call.allHeaders();
    const whole = await wholeBody(answer, context);
    trace.data('Endpoint response body before transformations', whole);
    // It is about the integration, which is done: a slow client may take as long as it likes.
    call.liftTimeout();
    const { status, headers, bytes } =
      answer.from === 'http' ? { ...answer, bytes: whole } : lambdaResponse(whole, context);
    call.status = status;
    trace.data('Method response body after transformations', bytes);
    return {
      status,
      headers: [...sentHeaders(headers), ['Content-Length', String(bytes.byteLength)]],
      body: bodyOf(bytes),
    };
  },
};

async function wholeBody(answer: IntegrationAnswer, { call, limits }: TransferContext): Promise<Uint8Array> {
  const reported = answer.from === 'http' && !answer.isHead ? headerValue(answer.headers, 'content-length') : undefined;
  if (Number(reported ?? 0) > limits.gatewayBufferedResponseBytes) throw tooLarge(reported, limits);
  try {
    const body = call.timed(answer.body);
    return await readWhole(body, limits.gatewayBufferedResponseBytes, 'IntegrationResponseTooLarge');
  } catch (error) {
    if (error instanceof AwsError && error.code === 'IntegrationResponseTooLarge') throw tooLarge(undefined, limits);
    throw error;
  }
}

function tooLarge(
  reportedLength: string | undefined,
  { gatewayBufferedResponseBytes: maximum }: Limits,
): ExecutionError {
  const response = `Integration response${reportedLength === undefined ? '' : ` of reported length ${reportedLength}`}`;
  return new ExecutionError('responseTooLarge', {
    log: `Execution failed due to configuration error: ${response} is larger than allowed maximum of ${maximum} bytes.`,
  });
}

function lambdaResponse(
  whole: Uint8Array,
  context: TransferContext,
): { status: number; headers: HeaderList; bytes: Uint8Array } {
  const response = readResult(whole);
  return { ...response, bytes: bytesOf(response, context) };
}

/** A function that writes stream metadata behind a BUFFERED integration: API Gateway keeps status and headers, and no body. */
function readResult(whole: Uint8Array): ProxyResponse {
  const delimiter = Buffer.from(whole.buffer, whole.byteOffset, whole.byteLength).indexOf(PRELUDE_DELIMITER);
  const text = new TextDecoder().decode(delimiter < 0 ? whole : whole.subarray(0, delimiter));
  return delimiter < 0 ? readProxyResponse(text) : { ...readMetadata(text), body: '', isBase64Encoded: false };
}

function bytesOf({ body, isBase64Encoded }: ProxyResponse, { accept, binaryMediaTypes }: TransferContext): Uint8Array {
  if (!isBase64Encoded || !isBinary(binaryMediaTypes, firstMediaType(accept))) return new TextEncoder().encode(body);
  const base64 = body.replace(/[\r\n]/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(base64) || base64.length % 4 === 1) throw new ExecutionError('badBase64');
  return Buffer.from(base64, 'base64');
}
