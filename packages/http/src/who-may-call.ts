import type { IncomingMessage } from 'node:http';
import { AwsError } from '@spillway/wire';

/**
 * Refuses what a web page of another origin can make a browser send, DNS rebinding included: a `Host` that is not this machine's loopback,
 * a foreign `Origin`, or `Sec-Fetch-Site: cross-site`. To be asked before the body is read.
 * @throws AwsError `CrossSiteRequestRefused`
 */
export function refuseCrossSite(request: IncomingMessage): void {
  const { host, origin } = request.headers;
  if (host === undefined || !isOurHost(host))
    throw refusal(`the host ${JSON.stringify(host ?? '')} is not this server`);
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`) {
    throw refusal(`it comes from the origin ${JSON.stringify(origin)}`);
  }
  if (request.headers['sec-fetch-site'] === 'cross-site') throw refusal('a web page of another site sent it');
}

/** `127.0.0.1`, `localhost`, `[::1]` and every name below `localhost`, with or without a port. */
export function isOurHost(host: string): boolean {
  return /^(?:127\.0\.0\.1|\[::1\]|(?:[a-z0-9-]+\.)*localhost)(?::\d{1,5})?$/i.test(host);
}

const refusal = (reason: string) => new AwsError('CrossSiteRequestRefused', { message: `Refused: ${reason}.` });
