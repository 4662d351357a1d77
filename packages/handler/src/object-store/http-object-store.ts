// Reads from an HTTP server by node:http and node:https, not by fetch(), which undoes content codings and then shows the length of the
// coded body. The base URL is fixed by the operator; a request chooses a path below it and nothing else. Redirects are followed within
// the allow-list only. Missing: credentials for the origin, proxies.
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { UsageError } from '@spillway/wire';
import { parseEntityTag } from '../entity-tag.ts';
import { parseHttpDate } from '../http-date.ts';
import { retryAfterSeconds } from '../retry-after.ts';
import { answeredRange, rangeHeader } from './answered-range.ts';
import { httpChecksums } from './http-checksums.ts';
import { type ObjectMetadata, type ObjectRead, type ObjectStore, type OpenObject, StoreError } from './object-store.ts';
import { receivedBody } from './received-body.ts';

export interface HttpObjectStoreOptions {
  /** Where the objects are: `https://files.example.com/public/`. */
  readonly baseUrl: string;
  /** Origins (`https://cdn.example.com`) that the server may redirect to, beside its own. */
  readonly allow?: readonly string[] | undefined;
}

const MAX_REDIRECTS = 3;

export class HttpObjectStore implements ObjectStore {
  readonly #baseUrl: URL;
  readonly #allowed: ReadonlySet<string>;

  constructor({ baseUrl, allow = [] }: HttpObjectStoreOptions) {
    this.#baseUrl = httpUrl(baseUrl);
    if (!this.#baseUrl.pathname.endsWith('/')) this.#baseUrl.pathname += '/';
    this.#allowed = new Set([this.#baseUrl.origin, ...allow.map((origin) => httpUrl(origin).origin)]);
  }

  async head(key: string, signal: AbortSignal): Promise<ObjectMetadata> {
    const message = await this.#ask('HEAD', this.#url(key), {}, signal);
    message.resume();
    return metadataOf(message, contentLength(message));
  }

  async get({ key, range, ifMatch }: ObjectRead, signal: AbortSignal): Promise<OpenObject> {
    const conditions = {
      ...(range === undefined ? {} : { Range: rangeHeader(range) }),
      ...(ifMatch === undefined ? {} : { 'If-Match': ifMatch }),
    };
    const message = await this.#ask('GET', this.#url(key), conditions, signal);
    try {
      // Many servers do not know If-Match.
      if (ifMatch !== undefined && message.headers.etag !== ifMatch) {
        throw new StoreError('changed', 'The origin has another version than the one asked for.');
      }
      const { statusCode, headers } = message;
      const answered = answeredRange(range, statusCode, headers['content-range'], contentLength(message));
      return { ...answered, metadata: metadataOf(message, answered.sizeBytes), body: receivedBody(message, signal) };
    } catch (error) {
      message.destroy();
      throw error;
    }
  }

  #url(key: string): URL {
    // Many servers take two slashes for one, so that another object would come than the one that was allowed.
    if (/^\/|\/\//.test(key)) throw new StoreError('missing', 'The path has a segment without a name.');
    const path = key.split('/').map(encodeURIComponent).join('/');
    const url = new URL(this.#baseUrl);
    url.pathname += path;
    // A second line of defence: new URL() resolves what still looks like a step up.
    if (url.pathname !== this.#baseUrl.pathname + path)
      throw new StoreError('missing', 'The path is not below the base URL.');
    return url;
  }

  async #ask(
    method: string,
    start: URL,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    let url = start;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const message = await send(method, url, headers, signal);
      if (!REDIRECTS.includes(message.statusCode ?? 0)) return accepted(message);
      message.destroy();
      const next = redirectTarget(message, url);
      if (!this.#allowed.has(next.origin)) {
        throw new StoreError('misconfigured', `The origin redirects to ${next.origin}, which is not allowed.`);
      }
      url = next;
    }
    throw new StoreError('misconfigured', `The origin redirects more than ${MAX_REDIRECTS} times.`);
  }
}

function httpUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    url &&
    /^https?:$/.test(url.protocol) &&
    url.search === '' &&
    url.hash === '' &&
    url.username + url.password === ''
  )
    return url;
  throw new UsageError(
    `${JSON.stringify(text)} is no URL of an origin. It takes http or https, a host, and a path at most.`,
  );
}

function send(
  method: string,
  url: URL,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = deferred<IncomingMessage>();
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const all = { 'Accept-Encoding': 'identity', 'User-Agent': 'spillway-handler', ...headers };
  const failed = (cause: unknown) =>
    reject(new StoreError('unavailable', `The origin could not be asked: ${String(cause)}`, { cause }));
  request(url, { method, headers: all, signal }).on('error', failed).on('response', resolve).end();
  return promise;
}

function deferred<Value>(): {
  promise: Promise<Value>;
  resolve: (value: Value) => void;
  reject: (error: Error) => void;
} {
  let resolve: (value: Value) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<Value>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}

const REDIRECTS = [301, 302, 303, 307, 308];

function redirectTarget({ headers }: IncomingMessage, base: URL): URL {
  const location = headers.location ?? '';
  if (!URL.canParse(location, base.href))
    throw new StoreError('misconfigured', 'The origin redirects to what is no URL.');
  return new URL(location, base);
}

function accepted(message: IncomingMessage): IncomingMessage {
  const { statusCode = 0, headers } = message;
  if (statusCode === 200 || statusCode === 206) return message;
  message.destroy();
  throw new StoreError(reasonOf(statusCode), `The origin answered ${statusCode}.`, {
    status: statusCode,
    retryAfterSeconds: retryAfterSeconds(headers['retry-after'], Date.now()),
  });
}

function reasonOf(status: number): StoreError['reason'] {
  if (status === 404 || status === 410) return 'missing';
  if (status === 401 || status === 403) return 'denied';
  if (status === 412) return 'changed';
  if (status === 416) return 'unsatisfiable';
  if (status === 429 || status === 503) return 'throttled';
  if (status === 408 || status === 504) return 'timeout';
  return status >= 500 ? 'unavailable' : 'misconfigured';
}

function contentLength({ headers }: IncomingMessage): number | undefined {
  const text = headers['content-length'];
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function metadataOf({ headers, statusCode }: IncomingMessage, sizeBytes: number | undefined): ObjectMetadata {
  return {
    sizeBytes,
    eTag: parseEntityTag(headers.etag) && headers.etag,
    lastModifiedMs: parseHttpDate(headers['last-modified'], Date.now()),
    contentType: headers['content-type'],
    contentEncoding: headers['content-encoding'],
    contentLanguage: headers['content-language'],
    contentDisposition: headers['content-disposition'],
    cacheControl: headers['cache-control'],
    checksums: statusCode === 206 ? undefined : httpChecksums(headers),
  };
}
