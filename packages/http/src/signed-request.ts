import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { AwsError } from '@spillway/wire';
import type { CredentialStore, Credentials } from './credentials.ts';
import type { RequestTarget } from './request-target.ts';

export interface VerifyOptions {
  /** The time that expiry is judged by, milliseconds since 1970. Default: now. */
  readonly nowMs?: number;
  /** Region that a version 4 signature must be for. Default: any. */
  readonly region?: string;
  /** The bucket that the Host names, for version 2, which signs `/bucket/key` in both address styles. */
  readonly virtualHostBucket?: string;
}

/** What both query signatures are verified from. */
export interface SignedRequest {
  readonly request: IncomingMessage;
  readonly target: RequestTarget;
  readonly store: CredentialStore;
  readonly options: VerifyOptions;
  readonly nowMs: number;
}

/** The credentials that signed, if they are known and the session token is theirs. */
export function signer(
  { store, nowMs }: Pick<SignedRequest, 'store' | 'nowMs'>,
  accessKeyId: string,
  sessionToken: string | undefined,
): Credentials {
  const credentials = store.find(accessKeyId);
  if (credentials === undefined && store.hasEnded(accessKeyId)) {
    throw new AwsError('ExpiredToken', { details: { 'Token-0': sessionToken ?? '', ServerTime: isoTime(nowMs) } });
  }
  // A session's key without its token is no key at all to AWS.
  if (credentials === undefined || (credentials.sessionToken !== undefined && sessionToken === undefined)) {
    throw new AwsError('InvalidAccessKeyId', { details: { AWSAccessKeyId: accessKeyId } });
  }
  if (credentials.sessionToken !== sessionToken) {
    throw new AwsError('InvalidToken', { details: { 'Token-0': sessionToken ?? '' } });
  }
  return credentials;
}

/** The form of times in S3's XML. */
export const isoTime = (timeMs: number): string => new Date(timeMs).toISOString().replace('.000Z', 'Z');

/** All values of a header, as sent: Node's `headers` drops repeated ones of some names. */
export function headerValues({ rawHeaders }: IncomingMessage, name: string): string[] {
  return rawHeaders
    .filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name)
    .map((value) => Buffer.from(value, 'latin1').toString()); // Node gives bytes as Latin-1; signers sign UTF-8.
}

/** S3 wants `host` signed, and every `x-amz-` header that was sent. @throws AwsError `AccessDenied`. */
export function refuseUnsignedHeaders({ headers }: IncomingMessage, signedHeaders: readonly string[]): void {
  const unsigned = ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-'))].filter(
    (name) => !signedHeaders.includes(name),
  );
  if (unsigned.length === 0) return;
  throw new AwsError('AccessDenied', {
    message: 'There were headers present in the request which were not signed',
    details: { HeadersNotSigned: unsigned.join(', ') },
  });
}

/** In a time that tells nothing about where they differ. */
export function equalText(one: string, other: string): boolean {
  const [bytes, otherBytes] = [Buffer.from(one), Buffer.from(other)];
  return bytes.length === otherBytes.length && timingSafeEqual(bytes, otherBytes);
}

export function doesNotMatch(
  accessKeyId: string,
  signature: string,
  stringToSign: string,
  canonical?: string,
): AwsError {
  const details = {
    AWSAccessKeyId: accessKeyId,
    StringToSign: stringToSign,
    SignatureProvided: signature,
    StringToSignBytes: hexBytes(stringToSign),
  };
  if (canonical === undefined) return new AwsError('SignatureDoesNotMatch', { details });
  return new AwsError('SignatureDoesNotMatch', {
    details: { ...details, CanonicalRequest: canonical, CanonicalRequestBytes: hexBytes(canonical) },
  });
}

const hexBytes = (text: string) => (Buffer.from(text).toString('hex').match(/../g) ?? []).join(' ');
