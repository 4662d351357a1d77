import type { FunctionConfiguration, Limits } from '@spillway/wire';
import { streamSeconds } from '@spillway/wire';
import type { EnvironmentHost } from './environment-host.ts';
import type { ReceivedResponse } from './invocation.ts';
import type { PostedResponse } from './runtime-api/posted-response.ts';

// What Lambda does not say: one line in a function's log for each trap that users are known to step into. What happened, what to do.

export const hint = (text: string): string => `[spillway] ${text}\n`;

const MIB = 1_048_576;
const mib = (sizeBytes: number) => `${(sizeBytes / MIB).toFixed(1)} MiB`;

const tooLargeHint = (limits: Limits): string =>
  hint(
    `The response is larger than ${limits.lambdaBufferedResponseBytes} bytes, the most that Lambda returns to a buffered invocation. ` +
      'To send more: a handler made with awslambda.streamifyResponse, responseTransferMode STREAM on the integration, and an ' +
      'integration URI that ends in /response-streaming-invocations.',
  );

/** For a response that was received, if something is odd about it. */
export function responseHints(
  response: PostedResponse | undefined,
  received: ReceivedResponse | undefined,
  { limits, lwaFailedStream }: Pick<EnvironmentHost, 'limits' | 'lwaFailedStream'>,
): readonly string[] {
  if (response?.failureText !== undefined) return [failedStreamHint(response.failureText, lwaFailedStream)];
  if (received?.outcome === 'oversized') return [tooLargeHint(limits)];
  const odd = received && responseHint(received);
  return odd ? [odd] : [];
}

function responseHint({ lacksPrelude, sizeBytes }: ReceivedResponse): string | undefined {
  if (!lacksPrelude) return undefined;
  if (sizeBytes === 0) {
    return hint(
      'The streamed response is empty: not one write() before end(), so not even the prelude with status and headers was sent, and ' +
        'API Gateway answers 500. Write at least once before end(), if only an empty string.',
    );
  }
  return hint(
    'The streamed response has no prelude (status and headers, then eight NUL bytes), so API Gateway answers 500. ' +
      'HttpResponseStream.from() sends it with the first write(): end(data) alone does not. Write before end().',
  );
}

/** For a web app that broke in mid stream, behind the web adapter. `errorMessage`: what the adapter says of it. */
function failedStreamHint(errorMessage: string, mode: 'as-lwa' | 'break' = 'as-lwa'): string {
  const cure =
    'Cure: send Content-Length with the response, so that a client can tell; and look for the error of the app above.';
  return mode === 'break'
    ? hint(
        `THE WEB APP BROKE IN MID STREAM (${errorMessage}). The response was broken off here, as --lwa-failed-stream break says; on AWS ` +
          `this client sees a complete file, with the text of an error at its end. ${cure}`,
      )
    : hint(
        `THE WEB APP BROKE IN MID STREAM (${errorMessage}). On AWS this client sees a complete file: Lambda Web Adapter appends the text of ` +
          `an error to the body and ends it well, and so it was done here. ${cure} --lwa-failed-stream break breaks such responses off.`,
      );
}

/** For a timeout, by what the response was doing then. */
export function timeoutHint(
  response: PostedResponse | undefined,
  { timeoutSeconds }: FunctionConfiguration,
  limits: Limits,
): string | undefined {
  if (!response || response.isEnded) return undefined;
  const sent = mib(response.sizeBytes);
  if (response.waitsForFunction) {
    return hint(
      `The function timed out with its response stream open after ${sent}. If the handler was done, it forgot responseStream.end(): ` +
        'Lambda waits for it until the timeout.',
    );
  }
  const paceSeconds = streamSeconds(response.sizeBytes, limits);
  if (paceSeconds < timeoutSeconds / 2) {
    return hint(
      `The function timed out while its reader took no more: ${sent} were read. A slow client slows the function.`,
    );
  }
  return hint(
    `The function timed out while its response was sent at Lambda's pace: ${sent} of it in ${timeoutSeconds} s. Lambda sends the first ` +
      `${mib(limits.lambdaStreamBurstBytes)} at once and then ${mib(limits.lambdaStreamBytesPerSecond)} a second, and the function waits ` +
      'for it: raise Timeout (900 s at most) to what the whole response needs.',
  );
}

export const outOfMemoryHint = ({ memorySizeMb }: FunctionConfiguration): string =>
  hint(
    `The function's processes used more than its MemorySize of ${memorySizeMb} MB and were killed. Raise MemorySize, or hold less: ` +
      'pass streams on instead of reading them whole, and wait for "drain" when write() returns false.',
  );
