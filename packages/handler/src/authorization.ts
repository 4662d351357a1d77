import type { DispositionType } from './content-disposition.ts';
import type { ApiGatewayEvent } from './download-request.ts';
import { Problem } from './problem.ts';

/** A request that is about to be answered. */
export interface AuthorizationRequest {
  readonly method: 'GET' | 'HEAD';
  /** The name that the client asked for, decoded, without the prefix. */
  readonly key: string;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** The whole event: `requestContext.authorizer`, query string, identity. */
  readonly event: ApiGatewayEvent;
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

const DETAILS = {
  401: 'Credentials are needed.',
  403: 'This may not be read.',
  404: 'There is no such object.',
} as const;

/** @throws Problem 401, 403 or 404. */
export async function authorized(authorize: Authorize | undefined, request: AuthorizationRequest): Promise<Allowed> {
  if (authorize === undefined) return { allow: true };
  const decision = await authorize(request);
  if (decision?.allow === true) return decision;
  const { status = 403, detail, challenge = 'Bearer' } = decision ?? {};
  const headers = status === 401 ? { 'WWW-Authenticate': challenge.replace(/[^\x20-\x7e]/g, '') } : {};
  throw new Problem(status, detail ?? DETAILS[status], { headers });
}
