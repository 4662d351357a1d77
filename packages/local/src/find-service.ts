import type { IncomingMessage } from 'node:http';
import { executeApiAddress } from '@spillway/gateway';
import { hasQuerySignature, refuseCrossSite, refuseForeignHost, requestTarget } from '@spillway/http';
import { ADMIN_PATH, AwsError } from '@spillway/wire';

/** Who answers a request on the one port. */
export type ServiceName = 'gateway' | 'logs' | 'admin' | 'origin';

/**
 * Finds the service by address, target header, SigV4 scope, in this order; what is left is S3's.
 * @throws AwsError `CrossSiteRequestRefused` for what only this machine may ask; `UnknownOperationException` for a service we lack.
 */
export function findService(request: IncomingMessage): ServiceName {
  if (executeApiAddress(request) !== undefined) return 'gateway';
  refuseStrangers(request);
  return namedService(request) ?? 'origin';
}

/**
 * S3 asks the bucket's policy about an anonymous read: safe from anywhere. A read by query signature may come from a link on any page, but not by
 * another host's name: every page knows the key `test`, and would read what it signs with it. All else is taken from this machine only, a
 * signed write too.
 */
function refuseStrangers(request: IncomingMessage): void {
  if (!isObjectRead(request)) refuseCrossSite(request);
  else if (hasQuerySignature(requestTarget(request))) refuseForeignHost(request);
}

function isObjectRead(request: IncomingMessage): boolean {
  const { method, headers } = request;
  if (requestTarget(request).rawPath.startsWith('/_')) return false;
  if (headers['x-amz-target'] !== undefined || headers.authorization !== undefined) return false;
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
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
