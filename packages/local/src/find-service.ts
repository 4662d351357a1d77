import type { IncomingMessage } from 'node:http';
import { executeApiAddress } from '@spillway/gateway';
import { refuseCrossSite, requestTarget } from '@spillway/http';
import { AwsError } from '@spillway/wire';

/** Who answers a request on the one port. */
export type ServiceName = 'gateway' | 'logs' | 'admin' | 'origin';

/**
 * Finds the service by address, target header, SigV4 scope, in this order; what is left is S3's.
 * @throws AwsError `CrossSiteRequestRefused` for what only this machine may ask; `UnknownOperationException` for a service we lack.
 */
export function findService(request: IncomingMessage): ServiceName {
  if (executeApiAddress(request) !== undefined) return 'gateway';
  if (!isPublicObjectRequest(request)) refuseCrossSite(request);
  return namedService(request) ?? 'origin';
}

/** Paths below this are Spillway's own: no bucket may be named so. */
export const ADMIN_PATH = '/_spillway/';

/**
 * S3 checks what is anonymous against the bucket's policy, and every query signature: safe from anywhere. A signature in the header is
 * not checked, so it is taken from this machine only.
 */
function isPublicObjectRequest(request: IncomingMessage): boolean {
  const { rawPath, rawQuery } = requestTarget(request);
  if (rawPath.startsWith('/_') || request.headers['x-amz-target'] !== undefined) return false;
  if (request.headers.authorization !== undefined) return false;
  const isRead = request.method === 'GET' || request.method === 'HEAD' || request.method === 'OPTIONS';
  return isRead || /(?:^|&)(?:X-Amz-Signature|Signature)=/.test(rawQuery);
}

function namedService(request: IncomingMessage): ServiceName | undefined {
  if (requestTarget(request).rawPath.startsWith(ADMIN_PATH)) return 'admin';
  const target = request.headers['x-amz-target'];
  if (typeof target === 'string') {
    if (target.startsWith('Logs_')) return 'logs';
    throw unknown(target);
  }
  const scope = /Credential=[^/,\s]*\/\d{8}\/[^/]+\/([^/]+)\/aws4_request/.exec(
    request.headers.authorization ?? '',
  )?.[1];
  if (scope === undefined || scope === 's3') return undefined;
  if (scope === 'logs') return 'logs';
  throw unknown(`the service ${scope}`);
}

const unknown = (what: string) =>
  new AwsError('UnknownOperationException', {
    message: `Spillway does not serve ${what}. It serves S3, CloudWatch Logs (read) and the stages of REST APIs.`,
  });
