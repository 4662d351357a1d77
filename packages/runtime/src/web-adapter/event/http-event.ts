import { AdapterCrash } from '../adapter-crash.ts';
import type { HeaderMap } from './header-map.ts';

/** Who made the event; each wants its own kind of answer. */
export type EventKind = 'api-gateway-v1' | 'api-gateway-v2' | 'application-load-balancer' | 'pass-through';

/** An event as the HTTP request that it stands for. */
export interface HttpEvent {
  readonly kind: EventKind;
  readonly method: string;
  /** As the event has it; not yet encoded. */
  readonly path: string;
  /** Encoded, without question mark. */
  readonly query: string | undefined;
  readonly headers: HeaderMap;
  readonly body: Buffer;
  /** Its known fields, for the header that the app gets. */
  readonly requestContext: unknown;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** @throws AdapterCrash when it should be base64 and is not. */
export function eventBody(body: string | null | undefined, isBase64Encoded: boolean): Buffer {
  if (!isBase64Encoded || !body) return Buffer.from(body ?? '');
  if (!BASE64.test(body)) throw new AdapterCrash('failed to decode aws base64 encoded body');
  return Buffer.from(body, 'base64');
}
