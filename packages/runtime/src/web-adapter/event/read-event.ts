import { readApiGatewayV1 } from './api-gateway-v1.ts';
import { readApiGatewayV2 } from './api-gateway-v2.ts';
import { readApplicationLoadBalancer } from './application-load-balancer.ts';
import { UnexpectedShape } from './event-shape.ts';
import type { HttpEvent } from './http-event.ts';

const KINDS = [readApiGatewayV1, readApiGatewayV2, readApplicationLoadBalancer];

/**
 * The event as an HTTP request; one of no known kind is posted whole, to the pass-through path.
 * @throws SyntaxError when it is no JSON. @throws AdapterCrash when AWS's adapter would panic.
 */
export function readEvent(json: string): HttpEvent {
  const value: unknown = JSON.parse(json);
  for (const read of KINDS) {
    try {
      return read(value);
    } catch (error) {
      if (!(error instanceof UnexpectedShape)) throw error;
    }
  }
  return passThrough(json);
}

const passThrough = (json: string): HttpEvent => ({
  kind: 'pass-through',
  method: 'POST',
  path: '/events',
  query: undefined,
  headers: new Map([['content-type', ['application/json']]]),
  body: Buffer.from(json.trim()),
  requestContext: null,
});
