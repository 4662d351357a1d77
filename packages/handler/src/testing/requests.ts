import type { ApiGatewayEvent, InvocationContext } from '../download-request.ts';
import { type DownloadHandlerOptions, downloadSettings } from '../download-settings.ts';
import { respond } from '../respond.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array;
  readonly text: string;
  /** What the body failed with, if it did. */
  readonly error: unknown;
  readonly record: Awaited<ReturnType<typeof respond>>['record'];
}

export interface Request {
  readonly method?: string;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly remainingMs?: number;
}

export const eventOf = ({ method = 'GET', key = 'a.bin', headers = {} }: Request): ApiGatewayEvent => ({
  httpMethod: method,
  headers,
  multiValueHeaders: null,
  pathParameters: { key },
});

export const contextOf = ({ remainingMs = 900_000 }: Request): InvocationContext => ({
  awsRequestId: 'request-1',
  getRemainingTimeInMillis: () => remainingMs,
});

/** One request through respond(), its body read to the end or to its failure. */
export async function ask(options: DownloadHandlerOptions, request: Request = {}): Promise<Answer> {
  const response = await respond(eventOf(request), contextOf(request), downloadSettings(options));
  const chunks: Uint8Array[] = [];
  let error: unknown;
  try {
    for await (const chunk of response.body) chunks.push(new Uint8Array(chunk));
  } catch (caught) {
    error = caught;
  }
  const bytes = Buffer.concat(chunks);
  const { statusCode, headers } = response.prelude;
  return { status: statusCode, headers, bytes, text: bytes.toString('utf8'), error, record: response.record };
}
