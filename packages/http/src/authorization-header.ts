import { AwsError } from '@spillway/wire';

/**
 * The access key id of an `Authorization` header, version 4 or 2. The signature is not verified.
 * @throws AwsError `AuthorizationHeaderMalformed`, `InvalidArgument` (another kind of authorization), `NotImplemented` (SigV4A).
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html
 */
export function readAuthorization(header: string): string {
  const [, scheme = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(header.trim()) ?? [];
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

function readV4(parameters: string): string {
  const values = new Map(
    parameters.split(',').map((part) => {
      const equals = part.indexOf('=');
      return equals < 0 ? [part.trim(), ''] : [part.slice(0, equals).trim(), part.slice(equals + 1).trim()];
    }),
  );
  for (const name of ['Credential', 'SignedHeaders', 'Signature']) {
    if (!values.get(name)) {
      throw malformed(
        `the authorization header requires three components: Credential, SignedHeaders, and Signature.`,
        name,
      );
    }
  }
  const accessKeyId = /^(.+)\/\d{8}\/[^/]+\/[^/]+\/aws4_request$/.exec(values.get('Credential') ?? '')?.[1];
  if (accessKeyId === undefined) {
    throw malformed('the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".');
  }
  return accessKeyId;
}

function readV2(rest: string): string {
  const accessKeyId = /^([^:]+):.+$/.exec(rest)?.[1];
  if (accessKeyId !== undefined) return accessKeyId;
  throw new AwsError('InvalidArgument', {
    message: 'AWS authorization header is invalid.  Expected AwsAccessKeyId:signature',
    details: { ArgumentName: 'Authorization', ArgumentValue: rest },
  });
}

const malformed = (what: string, missing?: string) =>
  new AwsError('AuthorizationHeaderMalformed', {
    message: `The authorization header is malformed; ${what}`,
    ...(missing === undefined ? {} : { advice: `${missing} is missing.` }),
  });
