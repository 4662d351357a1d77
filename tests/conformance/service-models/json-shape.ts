import { type ServiceModel, type Shape, type ShapeReference, shapeOf } from './service-model.ts';

/** What is wrong with a value: `$.items[0].id: ...`. */
export type Faults = Generator<string, void>;

/** Holds a JSON value against a shape: keys, types, what is required, values of enumerations. */
export function* jsonFaults(model: ServiceModel, reference: ShapeReference, value: unknown, at: string): Faults {
  const shape = shapeOf(model, reference);
  const isWell = TYPES[shape.type];
  if (isWell === undefined) throw new Error(`no rule for a ${shape.type} in JSON`);
  if (!isWell(value)) yield `${at}: ${JSON.stringify(value)} is no ${shape.type} (${reference.shape})`;
  else if (shape.enum?.includes(String(value)) === false) yield `${at}: ${value} is no ${reference.shape}`;
  else if (shape.type === 'structure') yield* memberFaults(model, reference, value as object, at);
  else yield* itemFaults(model, shape, value, at);
}

/** Of lists and maps. */
function* itemFaults(model: ServiceModel, shape: Shape, value: unknown, at: string): Faults {
  const item = shape.type === 'map' ? shape.value : shape.member;
  if (item === undefined) return;
  for (const [key, one] of Object.entries(value as object)) yield* jsonFaults(model, item, one, `${at}[${key}]`);
}

function* memberFaults(model: ServiceModel, reference: ShapeReference, value: object, at: string): Faults {
  const { members = {}, required = [] } = shapeOf(model, reference);
  const byKey = new Map(
    Object.entries(members)
      .filter(([, { location }]) => location === undefined)
      .map(([name, member]) => [member.locationName ?? name, { name, member }]),
  );
  for (const [key, item] of Object.entries(value)) {
    const known = byKey.get(key);
    if (known === undefined) yield `${at}.${key}: ${reference.shape} has no such key`;
    else yield* jsonFaults(model, known.member, item, `${at}.${key}`);
  }
  for (const [key, { name }] of byKey) {
    if (required.includes(name) && !Object.hasOwn(value, key)) yield `${at}.${key}: is required in ${reference.shape}`;
  }
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isNumber = (value: unknown) => typeof value === 'number' && Number.isFinite(value);

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  structure: isObject,
  map: isObject,
  list: Array.isArray,
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  integer: Number.isInteger,
  long: Number.isInteger,
  float: isNumber,
  double: isNumber,
  // Seconds since 1970, in both JSON protocols.
  timestamp: isNumber,
  blob: (value) => typeof value === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(value),
};
