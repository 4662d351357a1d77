import type { Log } from './adapter-log.ts';
import type { AdapterOptions } from './adapter-options.ts';
import { type HeaderMap, headerValue } from './event/header-map.ts';
import type { HttpEvent } from './event/http-event.ts';
import type { LambdaContext } from './lambda-context.ts';

/** What is sent to the web app. */
export interface AppRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: HeaderMap;
  readonly body: Buffer;
}

export type AppRequestOptions = Pick<
  AdapterOptions,
  'app' | 'removeBasePath' | 'passThroughPath' | 'authorizationSource'
>;

/** The request that the web app gets for an event. `event.headers` become its own. */
export function appRequest(event: HttpEvent, context: LambdaContext, options: AppRequestOptions, log: Log): AppRequest {
  const { headers } = event;
  set(headers, 'x-amzn-trace-id', context.xray_trace_id);
  set(headers, 'x-amzn-request-context', JSON.stringify(event.requestContext));
  set(headers, 'x-amzn-lambda-context', JSON.stringify(context));
  set(headers, 'x-amz-tenant-id', context.tenant_id);
  if (options.authorizationSource !== undefined) authorize(headers, options.authorizationSource, log);
  return { method: event.method, target: target(event, options), headers, body: event.body };
}

function set(headers: HeaderMap, name: string, value: string | null): void {
  const bytes = value === null ? undefined : headerValue(value);
  if (bytes !== undefined) headers.set(name, [bytes]);
}

function authorize(headers: HeaderMap, source: string, log: Log): void {
  const [value] = headers.get(source.toLowerCase()) ?? [];
  if (value === undefined) {
    log('WARN', `"${source}" header not found in request headers`);
    return;
  }
  headers.delete(source.toLowerCase());
  headers.set('authorization', [value]);
}

function target({ kind, path, query }: HttpEvent, options: AppRequestOptions): string {
  const url = new URL(options.app);
  url.pathname = kind === 'pass-through' ? options.passThroughPath : withoutBasePath(path, options.removeBasePath);
  url.search = query === undefined ? '' : `?${query}`;
  return query === '' ? `${url.pathname}?` : url.pathname + url.search;
}

/** Removed as often as it is there, and not at the borders of segments: `/prod` leaves `uction` of `/production`. */
export function withoutBasePath(path: string, basePath: string | undefined): string {
  if (!basePath) return path;
  let start = 0;
  while (path.startsWith(basePath, start)) start += basePath.length;
  return path.slice(start);
}
