import type { DispositionType } from './content-disposition.ts';
import type { ApiGatewayEvent } from './download-request.ts';
import type { DownloadSettings } from './download-settings.ts';
import { Problem } from './problem.ts';
import { type TimeLimit, within } from './time-limit.ts';

/** A request that is about to be answered. */
export interface AuthorizationRequest {
  readonly method: 'GET' | 'HEAD';
  /** The name that the client asked for, decoded, without the prefix. */
  readonly key: string;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** The whole event: `requestContext.authorizer`, query string, identity. */
  readonly event: ApiGatewayEvent;
  /** Aborted when nobody waits for the decision any longer: for `fetch` and the like. */
  readonly signal: AbortSignal;
}

export interface Allowed {
  readonly allow: true;
  /** Another object below the prefix, in place of the one that was asked for. */
  readonly key?: string;
  readonly disposition?: DispositionType;
  readonly fileName?: string;
  readonly cacheControl?: string;
}

export interface Refused {
  readonly allow: false;
  /** 404 hides that there is such an object. */
  readonly status: 401 | 403 | 404;
  /** For the client. */
  readonly detail?: string;
  /** `WWW-Authenticate` of a 401, which API Gateway renames to `x-amzn-Remapped-WWW-Authenticate`. `Bearer` without it. */
  readonly challenge?: string;
}

/** Decides before anything is read. What it throws is a 500: nobody gets in by an error. */
export type Authorize = (request: AuthorizationRequest) => Allowed | Refused | Promise<Allowed | Refused>;

const decisionLimit = (timeoutMs: number): TimeLimit => ({
  timeoutMs,
  timeoutError: () =>
    new Problem(504, 'It took too long to find out who may read this.', {
      cause: new Error(`authorize did not decide within ${timeoutMs} ms`),
    }),
});

const DETAILS = {
  401: 'Credentials are needed.',
  403: 'This may not be read.',
  404: 'There is no such object.',
} as const;

/** @throws Problem 401, 403, 404, and 504 when nothing is decided in time. */
export async function authorized(
  { authorize, authorizeTimeoutMs }: Pick<DownloadSettings, 'authorize' | 'authorizeTimeoutMs'>,
  request: Omit<AuthorizationRequest, 'signal'>,
  signal: AbortSignal,
): Promise<Allowed> {
  if (authorize === undefined) return { allow: true };
  const ask = (either: AbortSignal) => authorize({ ...request, signal: either });
  const decision = await within(decisionLimit(authorizeTimeoutMs), new AbortController(), signal, ask);
  if (decision?.allow === true) return decision;
  const { status = 403, detail, challenge = 'Bearer' } = decision ?? {};
  const headers = status === 401 ? { 'WWW-Authenticate': challenge.replace(/[^\x20-\x7e]/g, '') } : {};
  throw new Problem(status, detail ?? DETAILS[status], { headers });
}
