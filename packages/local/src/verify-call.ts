import { createHash } from 'node:crypto';
import { IncomingMessage } from 'node:http';
import { type CredentialStore, toBody, verifyHeaderSignature } from '@spillway/http';
import { isCodeLocation } from '@spillway/lambda';
import { readWhole } from '@spillway/wire';
import { credentialScope } from './credential-scope.ts';
import { findPublicService, type ServiceName } from './find-service.ts';

/** The largest call of a control plane: 50 MB of a function's zip in base64, and what stands around it. */
const MAX_CALL_BYTES = 73_400_320;

export interface VerifyCallOptions {
  readonly credentials: CredentialStore;
  readonly region: string;
}

/**
 * Verifies the signature in the header of a call for `service`; returns the request that the service is to have. S3 verifies its own, which
 * may be missing, and may go on in the body. Of any other call the body is read here, and read again from memory by the service. Public
 * addresses, Spillway's own path and locations of code, which are signed in themselves, are passed as they are.
 * @throws AwsError those of `verifyHeaderSignature`; `RequestEntityTooLargeException`.
 */
export async function verifyCall(
  request: IncomingMessage,
  service: ServiceName,
  { credentials, region }: VerifyCallOptions,
): Promise<IncomingMessage> {
  if (service === 'admin' || findPublicService(request) !== undefined) return request;
  if (service === 'origin' || (service === 'lambda' && isCodeLocation(request))) return request;
  const bytes = await readWhole(toBody(request), MAX_CALL_BYTES, 'RequestEntityTooLargeException');
  verifyHeaderSignature(request, credentials, {
    ...expectedScope(request, service, region),
    payloadSha256: createHash('sha256').update(bytes).digest('hex'),
  });
  return readAgain(request, bytes);
}

/** IAM has one region for all, STS any. */
function expectedScope(
  request: IncomingMessage,
  service: 'gateway' | 'lambda' | 'iam',
  region: string,
): { readonly service: string; readonly region?: string } {
  if (service === 'gateway') return { service: 'apigateway', region };
  if (service === 'lambda') {
    return { service: request.headers['x-amz-target'] === undefined ? 'lambda' : 'logs', region };
  }
  return credentialScope(request)?.service === 'iam' ? { service: 'iam', region: 'us-east-1' } : { service: 'sts' };
}

/** The same request, its body in memory. */
function readAgain(request: IncomingMessage, bytes: Uint8Array): IncomingMessage {
  const copy = new IncomingMessage(request.socket);
  const { method, url, httpVersion, httpVersionMajor, httpVersionMinor, headers, rawHeaders } = request;
  Object.assign(copy, { method, url, httpVersion, httpVersionMajor, httpVersionMinor, headers, rawHeaders });
  copy.complete = true;
  copy.push(bytes);
  copy.push(null);
  return copy;
}
