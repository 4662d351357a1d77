import type { IncomingMessage } from 'node:http';
import { parseTarget } from '@spillway/http';

/** Where a request of a REST API's client points. */
export interface ExecuteApiAddress {
  readonly apiId: string;
  /** Empty when the request names none. */
  readonly stageName: string;
  /** What follows the stage: raw, as sent, with a leading slash. */
  readonly rawPath: string;
  /** As sent, without `?`. */
  readonly rawQuery: string;
  /** Without port: the host that the client named, or the API's own when it came by path. */
  readonly domainName: string;
}

const HOST = /^(([a-z0-9]+)\.execute-api(?:\.[a-z0-9-]+)?\.localhost)(?::\d+)?$/;
const PATH = /^\/_aws\/execute-api\/([^/]+)(\/.*)?$/s;
const STAGE = /^\/([^/]*)(\/.*)?$/s;

/**
 * Reads `{apiId}.execute-api.localhost/{stage}/{path}`, the same with a Region before `localhost`, and
 * `/_aws/execute-api/{apiId}/{stage}/{path}` on any host. Undefined when the request is not for a REST API's stage.
 */
export function executeApiAddress(request: IncomingMessage): ExecuteApiAddress | undefined {
  const { rawPath, rawQuery } = parseTarget(request.url ?? '/');
  const [, domainName, hostApiId] = HOST.exec((request.headers.host ?? '').toLowerCase()) ?? [];
  if (domainName !== undefined && hostApiId !== undefined) {
    return { apiId: hostApiId, domainName, rawQuery, ...stageAndPath(rawPath) };
  }
  const [, apiId, rest] = PATH.exec(rawPath) ?? [];
  if (apiId === undefined) return undefined;
  return { apiId, domainName: `${apiId}.execute-api.localhost`, rawQuery, ...stageAndPath(rest ?? '/') };
}

function stageAndPath(rawPath: string): { stageName: string; rawPath: string } {
  const [, stageName = '', rest = '/'] = STAGE.exec(rawPath) ?? [];
  return { stageName, rawPath: rest };
}
