import type { HttpResponse } from '@spillway/http';
import { type Body, bodyOf, concatBytes } from '@spillway/wire';
import type { Exchange } from '../data-plane/exchange.ts';
import { type ExecutionError, toExecutionError } from '../data-plane/execution-error.ts';
import { gatewayResponse } from '../data-plane/gateway-response.ts';

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/response-streaming-troubleshoot.html */
const MAX_STREAMED_BYTES = 1_048_576;
const MAX_MS = 35_000;

export interface TestInvokeResponse {
  /** 0 when there was none in time. */
  readonly status: number;
  readonly body: string;
  /** The last of each. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly multiValueHeaders: Readonly<Record<string, readonly string[]>>;
  readonly log: string;
  /** Milliseconds. */
  readonly latency: number;
}

/** What TestInvokeMethod answers; body and headers are what came in time. `end` stops the execution. */
export async function bufferResponse(
  exchange: Exchange,
  answering: Promise<HttpResponse>,
  end: () => void,
): Promise<TestInvokeResponse> {
  const timer = setTimeout(end, MAX_MS);
  try {
    const { response, error } = await settled(exchange, answering);
    const isStream = exchange.route?.integration.responseTransferMode === 'STREAM';
    const body = await readUntilEnd(
      response?.body ?? bodyOf(),
      isStream ? MAX_STREAMED_BYTES : Number.POSITIVE_INFINITY,
    );
    end();
    const lists = headerLists(response);
    return {
      status: response?.status ?? 0,
      body: Buffer.from(body).toString(),
      headers: Object.fromEntries(Object.entries(lists).map(([name, values]) => [name, values.at(-1)])),
      multiValueHeaders: lists,
      log: isStream ? '' : executionLog(exchange, response?.status, error),
      latency: Math.round(performance.now() - exchange.receivedAt),
    };
  } finally {
    clearTimeout(timer);
  }
}

interface Settled {
  /** Undefined when the time was over before there was one. */
  readonly response: HttpResponse | undefined;
  readonly error?: ExecutionError;
}

async function settled(exchange: Exchange, answering: Promise<HttpResponse>): Promise<Settled> {
  try {
    return { response: await answering };
  } catch (cause) {
    exchange.call?.abort(cause);
    if (exchange.client.aborted) return { response: undefined };
    const error = toExecutionError(cause, exchange.call?.tooLarge);
    return { response: gatewayResponse(error, exchange), error };
  }
}

/** The body as far as it came. That a stream was cut, or broke off, is not to be seen, as on AWS. */
async function readUntilEnd(body: Body, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of body) {
      const kept = new Uint8Array(chunk).subarray(0, maxBytes - sizeBytes);
      chunks.push(kept);
      sizeBytes += kept.byteLength;
      if (sizeBytes >= maxBytes) break;
    }
  } catch {
    // What came is the answer.
  }
  return concatBytes(chunks, sizeBytes);
}

function headerLists(response: HttpResponse | undefined): Record<string, string[]> {
  const lists: Record<string, string[]> = {};
  for (const [name, value] of response?.headers ?? []) {
    if (!/^(?:content-length|transfer-encoding)$/i.test(name)) lists[name] = [...(lists[name] ?? []), value];
  }
  return lists;
}

/** As the console shows it. */
function executionLog(
  { requestId, trace }: Exchange,
  status: number | undefined,
  error: ExecutionError | undefined,
): string {
  const time = new Date().toUTCString().replace(/^(\w+), (\d+) (\w+) (\d+) ([\d:]+) GMT$/, '$1 $3 $2 $5 UTC $4');
  const lines = [
    ...trace.lines,
    error === undefined ? 'Successfully completed execution' : error.log,
    `Method completed with status: ${status ?? '-'}`,
  ];
  return [`Execution log for request ${requestId}`, ...lines.map((line) => `${time} : ${line}`), ''].join('\n');
}
