import { randomBytes } from 'node:crypto';
import { ClientLeft, type HttpResponse } from '@spillway/http';
import { AwsError, bodyOf } from '@spillway/wire';
import { encodeErrorXml } from './xml.ts';

/** The ids that S3 gives every response, and every error document. */
export interface RequestIds {
  readonly requestId: string;
  readonly hostId: string;
}

export function newRequestIds(): RequestIds {
  const bytes = randomBytes(48);
  return { requestId: bytes.toString('hex', 0, 8).toUpperCase(), hostId: bytes.toString('base64') };
}

/** What an error becomes that is not S3's own: a failure of this store. */
export function toAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  if (error instanceof ClientLeft) return new AwsError('IncompleteBody', { cause: error });
  return new AwsError('InternalError', { cause: error });
}

/**
 * S3's XML. HEAD and 304 have no body; the headers say all.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
export function errorResponse(error: AwsError, { requestId, hostId }: RequestIds): HttpResponse {
  if (error.status === 304) return { status: 304, headers: errorHeaders(error) };
  const bytes = encodeErrorXml({
    Code: error.code,
    Message: error.message,
    ...error.details,
    RequestId: requestId,
    HostId: hostId,
  });
  return {
    status: error.status,
    headers: [
      ...errorHeaders(error),
      ['Content-Type', 'application/xml'],
      ['Content-Length', String(bytes.byteLength)],
    ],
    body: bodyOf(bytes),
  };
}

function errorHeaders({ code, details }: AwsError): (readonly [string, string])[] {
  const sizeBytes = details['ActualObjectSize'];
  return code === 'InvalidRange' && sizeBytes !== undefined ? [['Content-Range', `bytes */${sizeBytes}`]] : [];
}
