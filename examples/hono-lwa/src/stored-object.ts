import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { Readable } from 'node:stream';
import { HTTPException } from 'hono/http-exception';

/** As long as API Gateway waits for a silent stream. */
const TIMEOUT_MS = 300_000;

/** Passed on as S3 sends them. With Content-Length everyone notices a body that breaks off, API Gateway and the client included. */
const OBJECT_HEADERS = [
  'content-type',
  'content-length',
  'content-encoding',
  'content-range',
  'etag',
  'last-modified',
] as const;

const HTTP = { request: requestHttp, agent: new HttpAgent({ keepAlive: true }) };
const HTTPS = { request: requestHttps, agent: new HttpsAgent({ keepAlive: true }) };

export interface ObjectRequest {
  readonly key: string;
  /** GET or HEAD. */
  readonly method: string;
  readonly range: string | undefined;
}

export interface StoredObject {
  /** 200 or 206. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined for HEAD. */
  readonly body: Readable | undefined;
}

/**
 * Asks S3 for an object. Settles when S3 has answered, before the body comes.
 * @throws HTTPException with an honest status when there is no object to send.
 */
export async function openObject(request: ObjectRequest): Promise<StoredObject> {
  const message = await ask(request);
  const status = message.statusCode ?? 0;
  if (status !== 200 && status !== 206) {
    message.resume();
    throw failure(request.key, message);
  }
  const present = OBJECT_HEADERS.flatMap((name) => {
    const value = message.headers[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  if (request.method === 'HEAD') message.resume();
  return { status, headers: Object.fromEntries(present), body: request.method === 'HEAD' ? undefined : message };
}

/** By node:http, not fetch(), which would unpack what S3 stores packed. */
async function ask({ key, method, range }: ObjectRequest): Promise<IncomingMessage> {
  const address = objectAddress(key);
  const { request, agent } = address.protocol === 'https:' ? HTTPS : HTTP;
  try {
    return await new Promise((resolve, reject) => {
      const headers = range === undefined ? {} : { Range: range };
      const sent = request({ ...address, method, agent, headers, timeout: TIMEOUT_MS }, resolve);
      sent.on('timeout', () => sent.destroy(Object.assign(new Error('silent for too long'), { code: 'ETIMEDOUT' })));
      sent.on('error', reject);
      sent.end();
    });
  } catch (error) {
    console.error(key, error);
    if ((error as NodeJS.ErrnoException).code === 'ETIMEDOUT') {
      throw new HTTPException(504, { message: 'S3 did not answer in time.' });
    }
    throw new HTTPException(502, { message: 'S3 could not be read.' });
  }
}

function failure(key: string, { statusCode, headers }: IncomingMessage): HTTPException {
  console.error(`${key}: S3 answered ${statusCode}`);
  // Who may not list the bucket learns nothing from S3: a missing object is a 403 to them, too.
  if (statusCode === 403 || statusCode === 404) {
    return new HTTPException(404, { message: 'There is no such object, or it is not public.' });
  }
  if (statusCode === 416) {
    const range = headers['content-range'];
    const res = new Response(null, { headers: range === undefined ? {} : { 'Content-Range': range } });
    return new HTTPException(416, { message: 'No byte of the object is in the range.', res });
  }
  if (statusCode === 400) return new HTTPException(400, { message: 'S3 does not accept this key.' });
  return new HTTPException(502, { message: 'S3 could not be read.' });
}

/** Not as a URL: that would take a key of `../` for a way up, to another bucket. */
function objectAddress(key: string): { protocol: string; hostname: string; port: string; path: string } {
  const { BUCKET_NAME: bucket, AWS_ENDPOINT_URL_S3: endpoint, AWS_REGION: region } = process.env;
  const { protocol, hostname, port } = new URL(endpoint || `https://${bucket}.s3.${region}.amazonaws.com`);
  const path = key.split('/').map(encodeURIComponent).join('/');
  return { protocol, hostname, port, path: endpoint ? `/${bucket}/${path}` : `/${path}` };
}
