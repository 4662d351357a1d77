import type { XmlElement } from '../../../packages/origin/test/xml-document.ts';
import type { Faults } from './json-shape.ts';
import { type ServiceModel, type ShapeReference, shapeOf } from './service-model.ts';

/** Holds an element against a shape: names of elements, types, what is required, values of enumerations. */
export function* xmlFaults(model: ServiceModel, reference: ShapeReference, element: XmlElement, at: string): Faults {
  const shape = shapeOf(model, reference);
  if (shape.type === 'structure') yield* memberFaults(model, reference, element, at);
  else if (shape.type === 'list') yield* itemFaults(model, reference, element.children, at);
  else yield* textFaults(model, reference, element, at);
}

function* textFaults(model: ServiceModel, reference: ShapeReference, element: XmlElement, at: string): Faults {
  const { type, enum: values } = shapeOf(model, reference);
  const isWell = TYPES[type];
  if (isWell === undefined) throw new Error(`no rule for a ${type} in XML`);
  const { text, children } = element;
  if (children.length > 0 || !isWell(text)) yield `${at}: ${JSON.stringify(text)} is no ${type} (${reference.shape})`;
  else if (values?.includes(text) === false) yield `${at}: ${text} is no ${reference.shape}`;
}

type Elements = readonly XmlElement[];

function* itemFaults(model: ServiceModel, reference: ShapeReference, items: Elements, at: string): Faults {
  const { member } = shapeOf(model, reference);
  if (member === undefined) throw new Error(`${reference.shape} is no list`);
  const { locationName: name = 'member' } = member;
  for (const [index, item] of items.entries()) {
    if (item.name !== name) yield `${at}[${index}]: an item of ${reference.shape} is ${item.name}, not ${name}`;
    else yield* xmlFaults(model, member, item, `${at}[${index}]`);
  }
}

function* memberFaults(model: ServiceModel, reference: ShapeReference, element: XmlElement, at: string): Faults {
  const { members = {}, required = [] } = shapeOf(model, reference);
  const inBody = Object.entries(members).filter(([, { location, xmlAttribute }]) => !location && !xmlAttribute);
  const byName = new Map(inBody.map(([name, member]) => [elementName(model, name, member), { name, member }]));
  for (const child of element.children) {
    const known = byName.get(child.name);
    if (known === undefined) yield `${at}.${child.name}: ${reference.shape} has no such element`;
    else yield* xmlFaults(model, itemOf(model, known.member), child, `${at}.${child.name}`);
  }
  for (const [childName, { name, member }] of byName) {
    const count = element.children.filter((child) => child.name === childName).length;
    if (count === 0 && required.includes(name)) yield `${at}.${childName}: is required in ${reference.shape}`;
    if (count > 1 && !isFlattened(model, member)) yield `${at}.${childName}: is there ${count} times`;
  }
}

function isFlattened(model: ServiceModel, member: ShapeReference): boolean {
  return member.flattened === true || shapeOf(model, member).flattened === true;
}

/** A flattened list has no element of its own: its items stand in its place. */
const itemOf = (model: ServiceModel, member: ShapeReference) =>
  (isFlattened(model, member) && shapeOf(model, member).member) || member;

function elementName(model: ServiceModel, name: string, member: ShapeReference): string {
  const item = isFlattened(model, member) ? shapeOf(model, member).member?.locationName : undefined;
  return item ?? member.locationName ?? name;
}

const TYPES: Readonly<Record<string, (text: string) => boolean>> = {
  string: () => true,
  boolean: (text) => text === 'true' || text === 'false',
  integer: (text) => /^-?\d+$/.test(text),
  long: (text) => /^-?\d+$/.test(text),
  timestamp: (text) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text),
};
