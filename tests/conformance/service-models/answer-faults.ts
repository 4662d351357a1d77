import { parseXml, type XmlElement } from '../../../packages/origin/test/xml-document.ts';
import { type Faults, jsonFaults } from './json-shape.ts';
import {
  type OperationModel,
  operationOf,
  type ServiceModel,
  type Shape,
  type ShapeReference,
  shapeOf,
} from './service-model.ts';
import { xmlFaults } from './xml-shape.ts';

/** An answer as it came. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** All that is wrong with the answer of an operation, by the service's model. */
export function* answerFaults(model: ServiceModel, name: string, { status, headers, body }: RawAnswer): Faults {
  const operation = operationOf(model, name);
  const output: Shape = operation.output === undefined ? { type: 'structure' } : shapeOf(model, operation.output);
  const { responseCode = 200 } = operation.http;
  const isGood = status >= 200 && status < 300;
  // Where the status is a member of the output it may be any good one.
  const isFree = Object.values(output.members ?? {}).some(({ location }) => location === 'statusCode');
  if (status !== responseCode && !(isGood && isFree)) {
    yield `status ${status}, not ${responseCode}: ${body.slice(0, 300)}`;
  }
  if (!isGood) return;
  yield* headerFaults(model, output, headers);
  yield* bodyFaults(model, operation, output, body);
}

function* bodyFaults(model: ServiceModel, { name, output }: OperationModel, shape: Shape, body: string): Faults {
  const { protocol } = model.metadata;
  const payload = shape.payload === undefined ? undefined : shape.members?.[shape.payload];
  const isWhole = Object.values(shape.members ?? {}).some(({ location }) => location === undefined);
  if (protocol === 'query') yield* queryFaults(model, name, output, body);
  else if (payload !== undefined && !isDocument(model, payload)) return;
  else if (output === undefined || !isWhole) yield* emptyFaults(body);
  else if (protocol === 'rest-xml') yield* documentFaults(model, payload ?? output, body);
  else yield* objectFaults(model, payload ?? output, body);
}

/** The models say of few keys that they are required, but every answer has some. */
const EMPTY = 'is empty';

function* objectFaults(model: ServiceModel, output: ShapeReference, body: string): Faults {
  yield* jsonFaults(model, output, JSON.parse(body || 'null'), '$');
  if (body === '{}') yield EMPTY;
}

/** Bytes and event streams are not. */
const isDocument = (model: ServiceModel, payload: ShapeReference) =>
  shapeOf(model, payload).type === 'structure' && !shapeOf(model, payload).eventstream;

function* emptyFaults(body: string): Faults {
  if (body !== '' && body !== '{}') yield `has a body: ${body.slice(0, 100)}`;
}

function* queryFaults(model: ServiceModel, name: string, output: OperationModel['output'], body: string): Faults {
  const root = parseXml(body);
  if (root.name !== `${name}Response`) yield `the root is ${root.name}`;
  if (root.attributes['xmlns'] !== model.metadata.xmlNamespace) yield `the namespace is ${root.attributes['xmlns']}`;
  const names = root.children.map((child) => child.name);
  const expected = [output?.resultWrapper, 'ResponseMetadata'].filter((child) => child !== undefined);
  if (names.join() !== expected.join()) yield `holds ${names.join()}, not ${expected.join()}`;
  const metadata = root.children.at(-1)?.children.map((child) => child.name);
  if (metadata?.join() !== 'RequestId') yield `the metadata hold ${metadata?.join()}`;
  const [result] = root.children;
  if (output === undefined || result === undefined) return;
  yield* xmlFaults(model, output, result, '$');
  const { members = {} } = shapeOf(model, output);
  if (result.children.length === 0 && Object.keys(members).length > 0) yield EMPTY;
}

const S3_NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

function* documentFaults(model: ServiceModel, output: ShapeReference, body: string): Faults {
  const root = parseXml(body);
  if (root.attributes['xmlns'] !== S3_NAMESPACE) yield `the namespace is ${root.attributes['xmlns']}`;
  // The one answer whose member is the root: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
  const holder: XmlElement = { name: '', attributes: {}, children: [root], text: '' };
  const isBare = output.shape === 'GetBucketLocationOutput';
  yield* xmlFaults(model, output, isBare ? holder : root, '$');
  if (!isBare && root.children.length === 0) yield EMPTY;
}

/** Headers with a name of AWS's own that belong to every answer. */
const COMMON_HEADERS = /^x-amz(n-requestid|-request-id|-id-2|-bucket-region|n-errortype)$/;

function* headerFaults(model: ServiceModel, { members = {}, required = [] }: Shape, headers: Headers): Faults {
  const known = Object.entries(members).map(([name, member]) => ({ name, locationName: name, ...member }));
  for (const member of known.filter(({ location }) => location === 'header')) {
    const value = headers.get(member.locationName);
    if (value !== null) yield* headerValueFaults(model, member, value);
    else if (required.includes(member.name)) yield `the header ${member.locationName} is required`;
  }
  for (const [header] of headers) {
    const isKnown = COMMON_HEADERS.test(header) || known.some((member) => isHeader(member, header));
    if (/^x-amzn?-/.test(header) && !isKnown) yield `has a header ${header}`;
  }
}

function isHeader({ location, locationName = '' }: ShapeReference, header: string): boolean {
  if (location === 'headers') return header.startsWith(locationName.toLowerCase());
  return location === 'header' && header === locationName.toLowerCase();
}

function* headerValueFaults(model: ServiceModel, reference: ShapeReference, value: string): Faults {
  const { type, enum: values } = shapeOf(model, reference);
  const isWell = HEADER_TYPES[type]?.(value) ?? true;
  if (!isWell || values?.includes(value) === false) yield `the header ${reference.locationName} is ${value}`;
}

const HEADER_TYPES: Readonly<Record<string, (value: string) => boolean>> = {
  integer: (value) => /^\d+$/.test(value),
  long: (value) => /^\d+$/.test(value),
  boolean: (value) => value === 'true' || value === 'false',
  timestamp: (value) => !Number.isNaN(Date.parse(value)),
};
