import type { HttpResponse } from '@spillway/http';
import { type EndpointType, type Limits, paced, splitPrelude, withIdleTimeout } from '@spillway/wire';
import { ExecutionError } from '../execution-error.ts';
import { type HeaderList, headerValue, withoutHeader } from '../headers.ts';
import { readMetadata, sentHeaders } from '../proxy-response.ts';
import type { IntegrationAnswer, Transfer, TransferContext } from './transfer.ts';

// STREAM. Same as API Gateway by its documentation: the head goes out when metadata and delimiter (or the backend's header block) are
// there; 10 MB at full speed, then 2 MB/s; idle timeout by endpoint type; a Content-Length of the integration is the real length.
// Chosen, as AWS does not say: any byte from the integration ends a silence; a time limit after the head cuts the connection.

const IDLE_TIMEOUT_MS: Readonly<Record<EndpointType, (limits: Limits) => number>> = {
  REGIONAL: (limits) => limits.regionalStreamIdleTimeoutMs,
  PRIVATE: (limits) => limits.privateStreamIdleTimeoutMs,
  EDGE: (limits) => limits.edgeStreamIdleTimeoutMs,
};

export const stream: Transfer = {
  logName: 'STREAMED',
  action: 'response-streaming-invocations',
  tooLarge: 'lambdaStreamTooLarge',
  timeoutMs: (timeoutInMillis, limits) =>
    Math.min(timeoutInMillis ?? limits.streamIntegrationTimeoutMs, limits.streamMaxDurationMs),
  idleTimeoutMs: (endpointType, limits) => IDLE_TIMEOUT_MS[endpointType](limits),

  async respond(answer: IntegrationAnswer, { call, limits }: TransferContext): Promise<HttpResponse> {
    const { status, headers, payload } = await headOf(answer, call, limits);
    call.status = status;
    call.allHeaders();
    if (!Number.isFinite(limits.streamMaxDurationMs)) call.liftTimeout();
    const pace = { burstBytes: limits.gatewayStreamBurstBytes, bytesPerSecond: limits.gatewayStreamBytesPerSecond };
    return { status, headers: framed(headers), body: paced(pace, call.timed(payload), call.signal) };
  },
};

async function headOf(answer: IntegrationAnswer, call: TransferContext['call'], { preludeBytes }: Limits) {
  const body = withIdleTimeout(call.idleTimeoutMs, answer.body, call.onIdle);
  if (answer.from === 'http') return { status: answer.status, headers: answer.headers, payload: body };
  const { preludeText, payload } = await splitPrelude(body, preludeBytes);
  return { ...readMetadata(preludeText), payload };
}

/** Remapped, but for Content-Length: it is the real one. Node adds `Transfer-Encoding: chunked` where there is none. */
function framed(headers: HeaderList): HeaderList {
  const length = headerValue(headers, 'content-length');
  const rest = sentHeaders(withoutHeader(headers, 'content-length'));
  if (length === undefined) return rest;
  const lengths = new Set(
    headers.filter(([name]) => name.toLowerCase() === 'content-length').map(([, value]) => value),
  );
  if (lengths.size > 1 || !/^\d{1,15}$/.test(length)) {
    throw new ExecutionError('malformedMetadata', { detail: `Content-Length is ${[...lengths].join(' and ')}` });
  }
  return [...rest, ['Content-Length', length]];
}
