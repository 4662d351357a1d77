import { parseXml, type XmlElement } from '../../../packages/origin/test/xml-document.ts';
import type { RawAnswer } from './answer-faults.ts';
import { type Faults, jsonFaults } from './json-shape.ts';
import { operationOf, type ServiceModel, type ShapeReference, shapeOf } from './service-model.ts';

/** Errors that every operation may answer: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html */
const COMMON_ERRORS = ['ValidationException', 'ValidationError'];

/** All that is wrong with a refusal, by the service's model: its code, its status, its document. */
export function* refusalFaults(model: ServiceModel, name: string, answer: RawAnswer): Faults {
  const code = codeOf(model, answer);
  const known = (operationOf(model, name).errors ?? []).find((error) => codeIn(model, error) === code);
  if (COMMON_ERRORS.includes(code)) return;
  if (known === undefined) yield `${answer.status} ${code} is no error of it: ${answer.body.slice(0, 300)}`;
  else yield* knownFaults(model, known, answer);
}

const codeIn = (model: ServiceModel, reference: ShapeReference) =>
  shapeOf(model, reference).error?.code ?? reference.shape;

function codeOf({ metadata: { protocol } }: ServiceModel, { headers, body }: RawAnswer): string {
  if (protocol === 'rest-json') return headers.get('x-amzn-errortype') ?? '';
  if (protocol === 'json') return (JSON.parse(body) as { readonly __type: string }).__type;
  return child(child(parseXml(body), 'Error'), 'Code')?.text ?? '';
}

const child = (element: XmlElement | undefined, name: string) => element?.children.find((one) => one.name === name);

function* knownFaults(model: ServiceModel, known: ShapeReference, { status, body }: RawAnswer): Faults {
  const { protocol } = model.metadata;
  const expected = protocol === 'json' ? 400 : shapeOf(model, known).error?.httpStatusCode;
  if (status !== expected) yield `${known.shape} with status ${status}, not ${expected}`;
  if (protocol === 'query') yield* documentFaults(parseXml(body));
  else if (protocol === 'json') yield* keyFaults(JSON.parse(body) as object);
  else yield* jsonFaults(model, known, JSON.parse(body), '$');
}

/** @see https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#operation-error-serialization */
function* documentFaults(root: XmlElement): Faults {
  const names = (element: XmlElement | undefined) => element?.children.map((one) => one.name).join();
  if (root.name !== 'ErrorResponse' || names(root) !== 'Error,RequestId') yield `${root.name} holds ${names(root)}`;
  if (names(child(root, 'Error')) !== 'Type,Code,Message') yield `Error holds ${names(child(root, 'Error'))}`;
}

/** The model has no members of errors of the JSON protocol. */
function* keyFaults(document: object): Faults {
  const keys = Object.keys(document).join();
  if (keys !== '__type,message') yield `holds ${keys}`;
}
