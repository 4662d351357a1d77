import type { IncomingMessage } from 'node:http';
import { AwsError } from '@spillway/wire';
import { authorizationScheme, authorizationV4 } from './authorization-header.ts';
import { type HeaderSignatureFaults, SERVICE_FAULTS } from './header-signature-faults.ts';
import { requestTarget } from './request-target.ts';
import { ALGORITHM, basicTime, MAX_SKEW_MS, readBasicTime } from './signature-v4.ts';

/** A version 4 signature as the request has it, not yet verified. */
export interface ClaimedSignature {
  readonly accessKeyId: string;
  /** `20261123/us-east-1/s3/aws4_request`. */
  readonly scope: string;
  /** `20261123T101112Z`. */
  readonly date: string;
  readonly signedAtMs: number;
  /** How long it holds after that, ms. */
  readonly lifetimeMs: number;
  /** In lower case. */
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly sessionToken: string | undefined;
}

/** What stands in the `Authorization` header. @throws AwsError in the service's words. */
export function headerSignature(request: IncomingMessage, faults: HeaderSignatureFaults): ClaimedSignature {
  const header = request.headers.authorization;
  if (header === undefined) throw faults.missing();
  const [scheme, rest] = authorizationScheme(header);
  const parsed = scheme === ALGORITHM ? authorizationV4(rest) : undefined;
  if (parsed === undefined) throw faults.otherScheme(header);
  const date = requestTime(request);
  const token = request.headers['x-amz-security-token'];
  const sessionToken = typeof token === 'string' ? token : undefined;
  return claimed({ ...parsed, given: header, date, lifetimeMs: MAX_SKEW_MS, sessionToken }, faults);
}

/** Seven days. */
const MAX_EXPIRES_SECONDS = 604_800;

/** What stands in the query of a presigned request to a service other than S3. @throws AwsError. */
export function querySignature(request: IncomingMessage): ClaimedSignature {
  const { query, rawQuery } = requestTarget(request);
  const values = new Map(query);
  const value = (name: string) => values.get(`X-Amz-${name}`) || undefined;
  if (value('Algorithm') !== ALGORITHM) throw SERVICE_FAULTS.otherScheme(rawQuery);
  const expires = value('Expires') ?? '';
  const expiresSeconds = /^\d{1,6}$/.test(expires) ? Number(expires) : Number.NaN;
  if (!(expiresSeconds <= MAX_EXPIRES_SECONDS)) {
    const message = `X-Amz-Expires must be a number of seconds from 0 to ${MAX_EXPIRES_SECONDS}.`;
    throw new AwsError('IncompleteSignatureException', { message });
  }
  const parts = {
    credential: value('Credential'),
    signedHeaders: value('SignedHeaders'),
    signature: value('Signature'),
    sessionToken: value('Security-Token'),
    date: readBasicTime(value('Date') ?? ''),
  };
  return claimed({ ...parts, given: rawQuery, lifetimeMs: expiresSeconds * 1000 }, SERVICE_FAULTS);
}

interface Parts extends Pick<ClaimedSignature, 'lifetimeMs' | 'sessionToken'> {
  readonly credential: string | undefined;
  readonly signedHeaders: string | undefined;
  readonly signature: string | undefined;
  /** Milliseconds since 1970. */
  readonly date: number | undefined;
  /** The header, or the query. */
  readonly given: string;
}

function claimed(parts: Parts, faults: HeaderSignatureFaults): ClaimedSignature {
  const { credential, signedHeaders, signature, given, date, lifetimeMs, sessionToken } = parts;
  if (credential === undefined || signedHeaders === undefined || signature === undefined) {
    const named = { Credential: credential, SignedHeaders: signedHeaders, Signature: signature };
    throw faults.incomplete(
      given,
      Object.entries(named).flatMap(([name, value]) => (value === undefined ? [name] : [])),
    );
  }
  const [, accessKeyId, scope] = /^(.+)\/([^/]+\/[^/]+\/[^/]+\/[^/]+)$/.exec(credential) ?? [];
  if (accessKeyId === undefined || scope === undefined) throw faults.badCredential();
  if (date === undefined) throw faults.noDate(given);
  return {
    accessKeyId,
    scope,
    date: basicTime(date),
    signedAtMs: date,
    lifetimeMs,
    signedHeaders: signedHeaders.toLowerCase().split(';'),
    signature,
    sessionToken,
  };
}

function requestTime({ headers }: IncomingMessage): number | undefined {
  const date = headers['x-amz-date'] ?? headers.date;
  if (typeof date !== 'string') return undefined;
  const timeMs = readBasicTime(date) ?? Date.parse(date);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
