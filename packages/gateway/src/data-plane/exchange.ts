import { randomBytes, randomUUID } from 'node:crypto';
import { ACCOUNT_ID, type Limits } from '@spillway/wire';
import type { Stage } from '../control-plane/stage.ts';
import type { AuthorizerContext, CallerIdentity } from './caller.ts';
import { ExecutionTrace } from './execution-trace.ts';
import { headerValue } from './headers.ts';
import type { IntegrationCall } from './integration-call.ts';
import type { MethodRequestHead } from './method-request.ts';
import type { Route } from './route.ts';

/** One request on its way through the gateway: who it is, and how far it came. Logs and errors are written from it. */
export interface Exchange {
  readonly head: MethodRequestHead;
  readonly limits: Limits;
  /** UUID; the client gets it as `x-amzn-RequestId`. */
  readonly requestId: string;
  /** The client gets it as `x-amz-apigw-id`. */
  readonly extendedRequestId: string;
  /** `Root=1-...;Parent=...;Sampled=0` */
  readonly traceId: string;
  readonly receivedAtMs: number;
  readonly receivedAt: number;
  /** Aborted when the client leaves. */
  readonly client: AbortSignal;
  /** What the execution log says of the way so far. */
  readonly trace: ExecutionTrace;
  stage?: Stage;
  route?: Route;
  /** What the Lambda authorizer said. */
  authorizer?: AuthorizerContext;
  /** What IAM and the API key tell about the caller. */
  caller?: CallerIdentity;
  call?: IntegrationCall;
}

export function exchangeOf(head: MethodRequestHead, limits: Limits, client: AbortSignal): Exchange {
  return {
    head,
    limits,
    client,
    requestId: randomUUID(),
    extendedRequestId: randomBytes(11).toString('base64'),
    traceId: traceId(headerValue(head.headers, 'x-amzn-trace-id')),
    receivedAtMs: Date.now(),
    receivedAt: performance.now(),
    trace: new ExecutionTrace(),
  };
}

/** Keeps the client's root and sampling decision, as X-Ray asks of every service on the way. */
function traceId(given: string | undefined): string {
  const seconds = Math.floor(Date.now() / 1000)
    .toString(16)
    .padStart(8, '0');
  const root = /Root=(1-[0-9a-f]{8}-[0-9a-f]{24})/i.exec(given ?? '')?.[1] ?? `1-${seconds}-${hex(12)}`;
  const sampled = /Sampled=([01])/i.exec(given ?? '')?.[1] ?? '0';
  return `Root=${root};Parent=${hex(8)};Sampled=${sampled}`;
}

/** `X-Amzn-Trace-Id` as others than X-Ray see it. */
export const traceHeader = (traceId: string): string => traceId.replace(/;Parent=[^;]*/, '');

const hex = (bytes: number) => randomBytes(bytes).toString('hex');

/** The general part of `$context`, as events, mappings and access logs know it. */
export function requestContext({ head, stage, route, ...ids }: Exchange): Record<string, string | undefined> {
  return {
    accountId: ACCOUNT_ID,
    apiId: head.apiId,
    deploymentId: stage?.deployment.id,
    domainName: head.domainName,
    domainPrefix: head.domainName.split('.')[0],
    extendedRequestId: ids.extendedRequestId,
    httpMethod: head.httpMethod,
    path: `/${head.stageName}${head.rawPath}`,
    protocol: head.protocol,
    requestId: ids.requestId,
    requestTime: requestTime(ids.receivedAtMs),
    requestTimeEpoch: String(ids.receivedAtMs),
    resourceId: route?.resource.id,
    resourcePath: route?.resource.path,
    stage: head.stageName,
  };
}

/** `04/Mar/2020:19:15:17 +0000` */
function requestTime(timestampMs: number): string {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date(timestampMs).toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}
