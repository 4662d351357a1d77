import type { IncomingMessage } from 'node:http';
import { executeApiAddress } from '@spillway/gateway';
import { hasQuerySignature, refuseCrossSite, refuseForeignHost, requestTarget } from '@spillway/http';
import { functionUrlAddress } from '@spillway/lambda';
import { ADMIN_PATH, AwsError } from '@spillway/wire';
import { credentialScope } from './credential-scope.ts';

/** Who answers a request on the one port. */
export type ServiceName = 'gateway' | 'lambda' | 'origin' | 'iam' | 'admin';

/** By the service in a SigV4 scope, which is the first label of its endpoint's host as a rule. */
const SERVICES: Readonly<Record<string, ServiceName>> = {
  s3: 'origin',
  lambda: 'lambda',
  logs: 'lambda',
  apigateway: 'gateway',
  'execute-api': 'gateway',
  sts: 'iam',
  iam: 'iam',
};

/**
 * Finds the service by public address, Spillway's own path, target header, SigV4 scope, host and path, in this order; what is left is S3's.
 * @throws AwsError `CrossSiteRequestRefused` for what only this machine may ask; `UnknownOperationException` for a service we lack.
 */
export function findService(request: IncomingMessage): ServiceName {
  const publicService = findPublicService(request);
  if (publicService !== undefined) return publicService;
  const service = namedService(request);
  refuseStrangers(request, service);
  if (typeof service !== 'string') throw notServed(service.missing);
  if (service !== 'origin' && hasQuerySignature(requestTarget(request))) {
    throw notServed(`presigned calls of the service ${credentialScope(request)?.service ?? service}`);
  }
  return service;
}

const notServed = (what: string) =>
  new AwsError('UnknownOperationException', {
    message: `Spillway does not serve ${what}. It serves S3, Lambda, API Gateway (REST APIs), CloudWatch Logs, IAM and STS.`,
  });

/** Addresses that anyone may call, a web page of any site too: who is let in is said by the API or the function there. */
export function findPublicService(request: IncomingMessage): 'gateway' | 'lambda' | undefined {
  if (executeApiAddress(request) !== undefined) return 'gateway';
  return functionUrlAddress(request) === undefined ? undefined : 'lambda';
}

interface Missing {
  readonly missing: string;
}

/**
 * S3 asks the bucket's policy about an anonymous read: safe from anywhere. A read by query signature may come from a link on any page, but not by
 * another host's name: every page knows the key `test`, and would read what it signs with it. All else is taken from this machine only, a
 * signed write too, and whatever is for no service.
 */
function refuseStrangers(request: IncomingMessage, service: ServiceName | Missing): void {
  if (service !== 'origin' || !isObjectRead(request)) refuseCrossSite(request);
  else if (hasQuerySignature(requestTarget(request))) refuseForeignHost(request);
}

function isObjectRead(request: IncomingMessage): boolean {
  const { method, headers } = request;
  if (requestTarget(request).rawPath.startsWith('/_') || headers.authorization !== undefined) return false;
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

function namedService(request: IncomingMessage): ServiceName | Missing {
  if (requestTarget(request).rawPath.startsWith(ADMIN_PATH)) return 'admin';
  const target = request.headers['x-amz-target'];
  if (typeof target === 'string') return target.startsWith('Logs_') ? 'lambda' : { missing: target };
  const scope = credentialScope(request)?.service;
  if (scope !== undefined) return known(scope) ?? { missing: `the service ${scope}` };
  return serviceByHost(request) ?? serviceByPath(request) ?? 'origin';
}

const known = (service: string) => (Object.hasOwn(SERVICES, service) ? SERVICES[service] : undefined);

const REGION = '[a-z]{2,}(?:-[a-z]+)+-\\d{1,2}';
const SERVICE_HOST = new RegExp(`^([a-z0-9-]+)(?:\\.${REGION})?\\.localhost(?::\\d+)?$`, 'i');
const BUCKET_HOST = new RegExp(`\\.s3(?:\\.${REGION})?\\.localhost(?::\\d+)?$`, 'i');

/** `lambda.localhost`, `lambda.us-east-1.localhost`; `my-bucket.s3.localhost`. */
function serviceByHost({ headers: { host = '' } }: IncomingMessage): ServiceName | undefined {
  if (BUCKET_HOST.test(host)) return 'origin';
  const label = SERVICE_HOST.exec(host)?.[1];
  return label === undefined ? undefined : known(label.toLowerCase());
}

/** Of requests without a signature. Buckets of these names can be read with one. */
function serviceByPath(request: IncomingMessage): ServiceName | undefined {
  const { rawPath } = requestTarget(request);
  if (/^\/20\d\d-\d\d-\d\d\//.test(rawPath)) return 'lambda';
  if (/^\/(?:(?:restapis|apikeys)(?:\/|$)|tags\/arn(?::|%3A))/i.test(rawPath)) return 'gateway';
  return isForm(request) && rawPath === '/' ? 'iam' : undefined;
}

/** Whether this is a call in AWS's query protocol, whose input, the operation's name too, is a form. */
export function isForm({ method, headers }: IncomingMessage): boolean {
  return method === 'POST' && /^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '');
}
