import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsError, readWhole } from '@spillway/wire';
import { percentDecode, requestTarget } from './request-target.ts';
import { type HttpResponse, sendBytes } from './send.ts';
import { toBody } from './to-body.ts';

/** One operation of an AWS service that speaks REST-JSON, by its place in the service's model. */
export interface RestOperation<Run> {
  /** AWS's name: `CreateResource`. */
  readonly name: string;
  readonly method: string;
  /** As the model writes it: `/restapis/{restapi_id}/resources/{parent_id}`. A parameter is one segment; `{name+}` takes the rest. */
  readonly path: string;
  readonly run: Run;
}

export interface FoundOperation<Run> {
  readonly operation: RestOperation<Run>;
  /** Percent-decoded. */
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * Finds the operation of a method and path; of two paths that fit, the one that names more segments literally.
 * Undefined when the service has none there. A slash at the end does not count.
 */
export function findRestOperation<Run>(
  operations: readonly RestOperation<Run>[],
  method: string,
  rawPath: string,
): FoundOperation<Run> | undefined {
  const path = rawPath.replace(/(?<=.)\/$/, '');
  const fitting = operations
    .filter((operation) => operation.method === method)
    .map((operation) => ({ operation, groups: pathPattern(operation.path).exec(path)?.slice(1) }))
    .filter((fit) => fit.groups !== undefined)
    .sort((a, b) => parameterNames(a.operation.path).length - parameterNames(b.operation.path).length);
  const [best] = fitting;
  if (best === undefined) return undefined;
  const names = parameterNames(best.operation.path);
  const parameters = names.map((name, index) => [name, percentDecode(best.groups?.[index] ?? '')]);
  return { operation: best.operation, parameters: Object.fromEntries(parameters) };
}

const parameterNames = (path: string) => [...path.matchAll(/\{(.+?)\+?\}/g)].map(([, name = '']) => name);

function pathPattern(path: string): RegExp {
  const segments = path.replace(/(?<=.)\/$/, '').split('/');
  const patterns = segments.map((segment) => {
    if (!segment.startsWith('{')) return segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    return segment.endsWith('+}') ? '(.+)' : '([^/]+)';
  });
  return new RegExp(`^${patterns.join('/')}$`);
}

/** The request's target as operations read it: path, and query parameters by name, the last of each. */
export function restQuery(request: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(requestTarget(request).query.map(([name, value]) => [name, value.replaceAll('+', ' ')]));
}

/**
 * The JSON object that a request carries; an empty body is `{}`. Members that are null count as not sent.
 * @throws AwsError `tooLarge` past `limitBytes`, `SerializationException` for what is no JSON object.
 */
export async function readJson(
  request: IncomingMessage,
  limitBytes: number,
  tooLarge: 'RequestEntityTooLargeException' | 'BadRequestException',
): Promise<Readonly<Record<string, unknown>>> {
  const text = Buffer.from(await readWhole(toBody(request), limitBytes, tooLarge)).toString();
  try {
    const input = JSON.parse(text || '{}') as unknown;
    if (typeof input === 'object' && input !== null && !Array.isArray(input)) {
      return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
    }
  } catch (error) {
    throw new AwsError('SerializationException', { cause: error });
  }
  throw new AwsError('SerializationException');
}

/** A JSON answer; undefined sends no body. A `Content-Type` among `headers` stands in place of `application/json`. */
export async function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: HttpResponse['headers'] = [],
): Promise<void> {
  const bytes = value === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(value));
  const hasOwnType = headers.some(([name]) => name.toLowerCase() === 'content-type');
  const contentType = value === undefined || hasOwnType ? [] : [['Content-Type', 'application/json'] as const];
  await sendBytes(response, status, [...contentType, ...headers], bytes);
}

/**
 * An error as REST-JSON services answer it: the code in `x-amzn-ErrorType`, the message in a JSON body. Anything but an AwsError is a 500.
 * @see https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization
 */
export async function sendRestError(response: ServerResponse, error: unknown, requestId: string): Promise<void> {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const known = error instanceof AwsError ? error : new AwsError('ServiceException', { cause: error });
  const headers = [
    ['x-amzn-RequestId', requestId],
    ['x-amzn-ErrorType', known.code],
    ...(known.status === 429 ? [['Retry-After', '1'] as const] : []),
  ] as const;
  await sendJson(response, known.status, { ...known.details, message: known.message }, headers);
}
