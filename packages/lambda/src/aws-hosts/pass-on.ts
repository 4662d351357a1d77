import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Agent, request as httpsRequest } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { clientSignal, type HttpResponse, send, toBody } from '@spillway/http';

/** Between two neighbours only. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Sends a request on to the host that it was meant for, and the answer back, as they are, with the signature that covers them.
 * @throws when the host can't be reached, and when either side breaks off.
 */
export async function passOn(
  hostName: string,
  request: IncomingMessage,
  response: ServerResponse,
  agent?: Agent,
): Promise<void> {
  const signal = clientSignal(response);
  const outgoing = httpsRequest({
    ...(agent && { agent }),
    host: hostName,
    servername: hostName,
    method: request.method,
    path: request.url,
    headers: headerPairs(request).flat(),
    signal,
  });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.on('error', reject);
  });
  // A server may answer before it has the whole request, and need not read the rest.
  pipeline(toBody(request, { signal }), outgoing).catch((error: Error) => outgoing.destroy(error));
  const answer = await answered;
  const headers = headerPairs(answer);
  await send(response, { status: answer.statusCode ?? 502, headers, body: toBody(answer, { signal }) }, signal);
}

function headerPairs({ rawHeaders }: IncomingMessage): HttpResponse['headers'] {
  return rawHeaders.flatMap((name, index) =>
    index % 2 === 0 && !HOP_BY_HOP.has(name.toLowerCase()) ? [[name, rawHeaders[index + 1] ?? ''] as const] : [],
  );
}
