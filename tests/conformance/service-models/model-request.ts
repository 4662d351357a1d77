import { createHash } from 'node:crypto';
import {
  operationOf,
  type ServiceModel,
  type ServiceName,
  type Shape,
  type ShapeReference,
  shapeOf,
} from './service-model.ts';

/** By the model's member names. What becomes XML is given as XML. */
export type ModelInput = Readonly<Record<string, unknown>>;

export interface ModelRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** The request of an operation as its protocol writes it: what every AWS SDK sends, but for the signature. */
export function modelRequest(service: ServiceName, model: ServiceModel, name: string, input: ModelInput): ModelRequest {
  const { http, input: reference } = operationOf(model, name);
  const shape = reference === undefined ? undefined : shapeOf(model, reference);
  for (const member of Object.keys(input)) {
    if (shape?.members?.[member] === undefined) throw new Error(`${name} has no member ${member}`);
  }
  const headers = {
    authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
    ...(service === 's3' && { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }),
    ...located(shape, input, 'header'),
  };
  if (model.metadata.protocol === 'query') {
    const form = new URLSearchParams({ Action: name, Version: model.metadata.apiVersion });
    for (const [member, value] of Object.entries(input)) addToForm(form, member, value);
    const contentType = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
    return { method: 'POST', path: '/', headers: { ...headers, ...contentType }, body: form.toString() };
  }
  if (model.metadata.protocol === 'json') {
    const target = {
      'x-amz-target': `${model.metadata.targetPrefix}.${name}`,
      'content-type': 'application/x-amz-json-1.1',
    };
    return { method: 'POST', path: '/', headers: { ...headers, ...target }, body: JSON.stringify(input) };
  }
  const body = restBody(shape, input);
  // Some operations of S3 want a checksum of what they read.
  const digest = service === 's3' && body !== undefined && { 'content-md5': md5(body) };
  return {
    method: http.method,
    path: restPath(http.requestUri, shape, input),
    headers: { ...headers, ...digest },
    body,
  };
}

const md5 = (text: string) => createHash('md5').update(text).digest('base64');

type Location = NonNullable<ShapeReference['location']>;

/** Members of one place, by their names on the wire. */
function located(shape: Shape | undefined, input: ModelInput, location: Location): Record<string, string> {
  const entries = Object.entries(shape?.members ?? {}).flatMap(([member, reference]) => {
    const value = input[member];
    if (reference.location !== location || value === undefined) return [];
    return [[reference.locationName ?? member, String(value)] as const];
  });
  return Object.fromEntries(entries);
}

function restPath(requestUri: string, shape: Shape | undefined, input: ModelInput): string {
  const uri = located(shape, input, 'uri');
  const path = requestUri.replace(/\{(.+?)(\+?)\}/g, (_, parameter: string, greedy: string) => {
    const value = uri[parameter];
    if (value === undefined) throw new Error(`${requestUri} needs ${parameter}`);
    return greedy === '' ? encodeURIComponent(value) : value.split('/').map(encodeURIComponent).join('/');
  });
  const query = new URLSearchParams();
  for (const [member, { location, locationName = member }] of Object.entries(shape?.members ?? {})) {
    const value = input[member];
    if (location !== 'querystring' || value === undefined) continue;
    for (const one of [value].flat()) query.append(locationName, String(one));
  }
  if (query.size === 0) return path;
  return `${path}${path.includes('?') ? '&' : '?'}${query}`;
}

function restBody(shape: Shape | undefined, input: ModelInput): string | undefined {
  if (shape?.payload !== undefined) return input[shape.payload] as string | undefined;
  const members = Object.entries(shape?.members ?? {}).filter(([name, { location }]) => !location && name in input);
  if (members.length === 0) return undefined;
  return JSON.stringify(
    Object.fromEntries(members.map(([name, { locationName = name }]) => [locationName, input[name]])),
  );
}

function addToForm(form: URLSearchParams, name: string, value: unknown): void {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) addToForm(form, `${name}.member.${index + 1}`, item);
  } else if (typeof value === 'object' && value !== null) {
    for (const [member, item] of Object.entries(value)) addToForm(form, `${name}.${member}`, item);
  } else {
    form.set(name, String(value));
  }
}
