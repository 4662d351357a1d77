import { append, type HeaderMap, headerValue, isHeaderName } from './header-map.ts';

/** The event is of another kind. */
export class UnexpectedShape extends Error {}

/**
 * Reads one field, undefined when it is missing. AWS's adapter takes an event for the first kind whose every known field has the
 * right type, so that types are checked even of fields that nobody reads.
 * @throws UnexpectedShape
 */
export type Field<T> = (value: unknown) => T;

type Fields = Readonly<Record<string, Field<unknown>>>;
type Read<F extends Fields> = { readonly [Name in keyof F]: F[Name] extends Field<infer T> ? T : never };

/** Known fields alone, in their order; one that reads as undefined is left out of the JSON. */
export const object =
  <F extends Fields>(fields: F): Field<Read<F>> =>
  (value) => {
    const source = asObject(value);
    const read = Object.entries(fields).map(([name, field]) => [name, field(source[name])]);
    return Object.fromEntries(read) as Read<F>;
  };

/** Missing and null both give undefined: the field is left out of the JSON. */
export const optional =
  <T>(field: Field<T>): Field<T | undefined> =>
  (value) =>
    value === undefined || value === null ? undefined : field(value);

/** Missing and null both give null. */
export const nullable =
  <T>(field: Field<T>): Field<T | null> =>
  (value) =>
    value === undefined || value === null ? null : field(value);

/** Only a missing field gives `byDefault`; null is a mistake. */
export const withDefault =
  <T>(byDefault: T, field: Field<T>): Field<T> =>
  (value) =>
    value === undefined ? byDefault : field(value);

export const text: Field<string> = (value) => {
  if (typeof value !== 'string') throw new UnexpectedShape('not a string');
  return value;
};

export const boolean: Field<boolean> = (value) => {
  if (typeof value !== 'boolean') throw new UnexpectedShape('not a boolean');
  return value;
};

export const integer: Field<number> = (value) => {
  if (!Number.isInteger(value)) throw new UnexpectedShape('not an integer');
  return value as number;
};

/** An empty one means GET. */
export const method: Field<string> = (value) => {
  const name = text(value);
  if (name !== '' && !isHeaderName(name)) throw new UnexpectedShape('not a method');
  return name === '' ? 'GET' : name;
};

export const anything: Field<unknown> = (value) => value;

export const list =
  <T>(field: Field<T>): Field<readonly T[]> =>
  (value) => {
    if (!Array.isArray(value)) throw new UnexpectedShape('not an array');
    return value.map(field);
  };

export const map =
  <T>(field: Field<T>): Field<ReadonlyMap<string, T>> =>
  (value) =>
    new Map(Object.entries(asObject(value)).map(([name, entry]) => [name, field(entry)]));

/** As `map`, for what is written as JSON again; undefined when it is empty. */
export const record =
  <T>(field: Field<T>): Field<Readonly<Record<string, T>>> =>
  (value) =>
    Object.fromEntries(value === undefined || value === null ? [] : map(field)(value));

/** Single values or arrays of them. */
export const oneOrMore: Field<readonly string[]> = (value) => (typeof value === 'string' ? [value] : list(text)(value));

/** Null is no headers. Of the same name in other letters, the last single value or all array values count. */
export const headers: Field<HeaderMap> = (value) => {
  const read: HeaderMap = new Map();
  for (const [name, values] of optional(map(anything))(value) ?? []) {
    if (!isHeaderName(name)) throw new UnexpectedShape('not a header name');
    if (typeof values === 'string') read.delete(name.toLowerCase());
    for (const one of oneOrMore(values)) {
      const bytes = headerValue(one);
      if (bytes === undefined) throw new UnexpectedShape('not a header value');
      append(read, name.toLowerCase(), bytes);
    }
  }
  return read;
};

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new UnexpectedShape('not an object');
  return value as Readonly<Record<string, unknown>>;
}
