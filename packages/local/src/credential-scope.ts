import type { IncomingMessage } from 'node:http';
import { requestTarget } from '@spillway/http';

/** What a version 4 signature says that it is for. */
export interface CredentialScope {
  readonly region: string;
  readonly service: string;
}

/** Read from the `Authorization` header or from a query signature; nothing is verified. Undefined when there is none. */
export function credentialScope(request: IncomingMessage): CredentialScope | undefined {
  const header = /\bCredential=([^,\s]*)/.exec(request.headers.authorization ?? '')?.[1];
  const parameter = requestTarget(request).query.find(([name]) => name === 'X-Amz-Credential')?.[1];
  const [, region, service] = /\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request$/.exec(header ?? parameter ?? '') ?? [];
  return region === undefined || service === undefined ? undefined : { region, service };
}
