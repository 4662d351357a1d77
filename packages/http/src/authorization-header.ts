import { AwsError } from '@spillway/wire';

/** A version 4 signature as it stands in the header; what is missing is undefined. */
export interface AuthorizationV4 {
  readonly credential: string | undefined;
  readonly signedHeaders: string | undefined;
  readonly signature: string | undefined;
}

/** The first word of an `Authorization` header, and what follows. */
export function authorizationScheme(header: string): readonly [scheme: string, rest: string] {
  const [, scheme = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(header.trim()) ?? [];
  return [scheme, rest];
}

/** What follows `AWS4-HMAC-SHA256`; undefined where something has no `=`. */
export function authorizationV4(rest: string): AuthorizationV4 | undefined {
  const parts = rest.split(',').map((part) => part.trim());
  if (parts.some((part) => part !== '' && !part.includes('='))) return undefined;
  const values = new Map(parts.map((part) => [part.split('=', 1)[0] ?? '', part.slice(part.indexOf('=') + 1)]));
  const given = (name: string) => values.get(name)?.trim() || undefined;
  return { credential: given('Credential'), signedHeaders: given('SignedHeaders'), signature: given('Signature') };
}

/**
 * The access key id of an `Authorization` header, version 4 or 2. The signature is not verified.
 * @throws AwsError `AuthorizationHeaderMalformed`, `InvalidArgument` (another kind of authorization), `NotImplemented` (SigV4A).
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html
 */
export function readAuthorization(header: string): string {
  const [scheme, rest] = authorizationScheme(header);
  if (scheme === 'AWS4-HMAC-SHA256') return readV4(rest);
  if (scheme === 'AWS') return readV2(rest);
  if (scheme === 'AWS4-ECDSA-P256-SHA256') {
    throw new AwsError('NotImplemented', { message: 'SigV4A (AWS4-ECDSA-P256-SHA256) is not implemented.' });
  }
  throw new AwsError('InvalidArgument', {
    message: 'Unsupported Authorization Type',
    details: { ArgumentName: 'Authorization', ArgumentValue: header },
  });
}

function readV4(rest: string): string {
  const { credential, signedHeaders, signature } = authorizationV4(rest) ?? {};
  if (credential === undefined || signedHeaders === undefined || signature === undefined) {
    throw malformedAuthorization(
      'the authorization header requires three components: Credential, SignedHeaders, and Signature.',
    );
  }
  const accessKeyId = /^(.+)\/\d{8}\/[^/]+\/[^/]+\/aws4_request$/.exec(credential)?.[1];
  if (accessKeyId !== undefined) return accessKeyId;
  throw malformedAuthorization(
    'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
  );
}

function readV2(rest: string): string {
  const accessKeyId = /^([^:]+):.+$/.exec(rest)?.[1];
  if (accessKeyId !== undefined) return accessKeyId;
  throw new AwsError('InvalidArgument', {
    message: 'AWS authorization header is invalid.  Expected AwsAccessKeyId:signature',
    details: { ArgumentName: 'Authorization', ArgumentValue: rest },
  });
}

export const malformedAuthorization = (what: string, details: Readonly<Record<string, string>> = {}): AwsError =>
  new AwsError('AuthorizationHeaderMalformed', {
    message: `The authorization header is malformed; ${what}`,
    details,
  });
