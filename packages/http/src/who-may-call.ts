import type { IncomingMessage } from 'node:http';
import { AwsError } from '@spillway/wire';

/**
 * Refuses what a web page of another origin can make a browser send, DNS rebinding included: a `Host` that is not this machine's loopback,
 * a foreign `Origin`, or `Sec-Fetch-Site: cross-site`. To be asked before the body is read.
 * @throws AwsError `CrossSiteRequestRefused`
 */
export function refuseCrossSite(request: IncomingMessage): void {
  const { origin } = request.headers;
  const host = refuseForeignHost(request);
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`) {
    throw refusal(`it comes from the origin ${JSON.stringify(origin)}`);
  }
  if (request.headers['sec-fetch-site'] === 'cross-site') throw refusal('a web page of another site sent it');
}

/**
 * Refuses what comes by a name that is not this machine's loopback: a web page whose own name was made to point here (DNS rebinding) could
 * read the answer. Returns the `Host`.
 * @throws AwsError `CrossSiteRequestRefused`
 */
export function refuseForeignHost({ headers: { host = '' } }: IncomingMessage): string {
  if (isOurHost(host)) return host;
  throw refusal(`the host ${JSON.stringify(host)} is not this server`);
}

/** `127.0.0.1`, `localhost`, `[::1]` and every name below `localhost`, with or without a port. */
export function isOurHost(host: string): boolean {
  return /^(?:127\.0\.0\.1|\[::1\]|(?:[a-z0-9-]+\.)*localhost)(?::\d{1,5})?$/i.test(host);
}

const refusal = (reason: string) => new AwsError('CrossSiteRequestRefused', { message: `Refused: ${reason}.` });
