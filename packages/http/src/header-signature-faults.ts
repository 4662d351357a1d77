import { AwsError } from '@spillway/wire';
import { malformedAuthorization } from './authorization-header.ts';
import { basicTime, MAX_SKEW_MS } from './signature-v4.ts';
import { doesNotMatch, isoTime } from './signed-request.ts';

/** A signature that was calculated, beside the one that came. */
interface Mismatch {
  readonly accessKeyId: string;
  readonly signature: string;
  readonly stringToSign: string;
  readonly canonicalRequest: string;
}

/** How a service says what is wrong with a signature in a header. */
export interface HeaderSignatureFaults {
  missing(): AwsError;
  otherScheme(header: string): AwsError;
  /** `missing`: the names among Credential, SignedHeaders and Signature that are not there. */
  incomplete(header: string, missing: readonly string[]): AwsError;
  noDate(header: string): AwsError;
  badCredential(): AwsError;
  badTerminator(terminator: string): AwsError;
  badService(service: string, expected: string): AwsError;
  badRegion(region: string, expected: string): AwsError;
  badDay(day: string, date: string): AwsError;
  /** `boundMs`: how far the two may be apart. */
  skewed(date: string, signedAtMs: number, nowMs: number, boundMs: number): AwsError;
  unsignedHost(): AwsError;
  /** Of what the credential store said, in S3's words. */
  badCredentials(error: AwsError): AwsError;
  mismatch(mismatch: Mismatch): AwsError;
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export const S3_FAULTS: HeaderSignatureFaults = {
  missing: () => new AwsError('AccessDenied'),
  otherScheme: () =>
    new AwsError('InvalidRequest', {
      message: 'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
    }),
  incomplete: () =>
    malformedAuthorization(
      'the authorization header requires three components: Credential, SignedHeaders, and Signature.',
    ),
  noDate: () =>
    new AwsError('AccessDenied', { message: 'AWS authentication requires a valid Date or x-amz-date header' }),
  badCredential: () =>
    malformedAuthorization(
      'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
    ),
  badTerminator: (terminator) =>
    malformedAuthorization(`incorrect terminal "${terminator}". This endpoint uses "aws4_request".`),
  badService: (service, expected) =>
    malformedAuthorization(`incorrect service "${service}". This endpoint belongs to "${expected}".`),
  badRegion: (region, expected) =>
    malformedAuthorization(`the region '${region}' is wrong; expecting '${expected}'`, { Region: expected }),
  badDay: (day, date) =>
    malformedAuthorization(
      `Invalid credential date "${day}". This date is not the same as X-Amz-Date: "${date.slice(0, 8)}".`,
    ),
  skewed: (date, _, nowMs) =>
    new AwsError('RequestTimeTooSkewed', {
      details: { RequestTime: date, ServerTime: isoTime(nowMs), MaxAllowedSkewMilliseconds: MAX_SKEW_MS },
    }),
  unsignedHost: () =>
    new AwsError('AccessDenied', {
      message: 'There were headers present in the request which were not signed',
      details: { HeadersNotSigned: 'host' },
    }),
  badCredentials: (error) => error,
  mismatch: ({ accessKeyId, signature, stringToSign, canonicalRequest }) =>
    doesNotMatch(accessKeyId, signature, stringToSign, canonicalRequest),
};

const invalidSignature = (message: string) => new AwsError('InvalidSignatureException', { message });

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html */
export const SERVICE_FAULTS: HeaderSignatureFaults = {
  missing: () => new AwsError('MissingAuthenticationTokenException'),
  otherScheme: (header) =>
    new AwsError('IncompleteSignatureException', {
      message: `Invalid key=value pair (missing equal-sign) in Authorization header: '${header}'.`,
    }),
  incomplete: (header, missing) =>
    new AwsError('IncompleteSignatureException', {
      message: [
        ...missing.map((name) => `Authorization header requires '${name}' parameter.`),
        `Authorization=${header}`,
      ].join(' '),
    }),
  noDate: (header) =>
    new AwsError('IncompleteSignatureException', {
      message: `Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=${header}`,
    }),
  badCredential: () =>
    new AwsError('IncompleteSignatureException', {
      message: 'Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term',
    }),
  badTerminator: (terminator) =>
    invalidSignature(`Credential should be scoped with a valid terminator: 'aws4_request', not '${terminator}'.`),
  badService: (_, expected) => invalidSignature(`Credential should be scoped to correct service: '${expected}'.`),
  badRegion: (region) => invalidSignature(`Credential should be scoped to a valid region, not '${region}'.`),
  badDay: (day, date) =>
    invalidSignature(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${day}' != '${date.slice(0, 8)}', from '${date}'.`,
    ),
  skewed: (date, signedAtMs, nowMs, boundMs) => {
    const isLate = signedAtMs < nowMs;
    const [now, bound] = [basicTime(nowMs), basicTime(isLate ? nowMs - boundMs : nowMs + boundMs)];
    const minutes = Math.round(boundMs / 60_000);
    return invalidSignature(
      isLate
        ? `Signature expired: ${date} is now earlier than ${bound} (${now} - ${minutes} min.)`
        : `Signature not yet current: ${date} is still later than ${bound} (${now} + ${minutes} min.)`,
    );
  },
  unsignedHost: () => invalidSignature("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."),
  badCredentials: (error) =>
    new AwsError(error.code === 'ExpiredToken' ? 'ExpiredTokenException' : 'UnrecognizedClientException'),
  mismatch: ({ canonicalRequest, stringToSign }) =>
    new AwsError('InvalidSignatureException', {
      message: `The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.

The Canonical String for this request should have been
'${canonicalRequest}'

The String-to-Sign should have been
'${stringToSign}'
`,
    }),
};
