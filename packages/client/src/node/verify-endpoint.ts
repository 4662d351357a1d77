import { type Verification, type VerifyOptions, verifyEndpoint as verify } from '../verify/verify-endpoint.ts';
import { followingFetch } from './following-fetch.ts';
import { createNodeHash } from './node-hash.ts';

/** Proves a download endpoint, with Node.js's hashes, and headers that stay with the URL's own origin. @throws the reason of `signal` */
export async function verifyEndpoint(
  url: string,
  options: Omit<VerifyOptions, 'createHash'> = {},
): Promise<Verification> {
  return verify(url, { fetch: followingFetch, ...options, createHash: createNodeHash });
}
