import { AwsError } from '@spillway/wire';
import { Constraints } from './constraints.ts';
import { queryInteger } from './input-members.ts';

/** A page of a list, and where the next one begins. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly members: { readonly NextMarker?: string };
}

/**
 * The page that `Marker` and `MaxItems` ask for. A marker is the key of the last item before it, so that a list may change between pages, and
 * its place, for the case that this very item is gone.
 * @throws AwsError `ValidationException`, `InvalidParameterValueException`.
 */
export function paged<T>(
  items: readonly T[],
  query: Readonly<Record<string, string>>,
  keyOf: (item: T) => string,
  most = 10_000,
): Page<T> {
  const maxItems = queryInteger(query['MaxItems'], 'MaxItems');
  new Constraints().range('maxItems', maxItems, 1, most).hold();
  const start = query['Marker'] ? startOf(decoded(query['Marker']), items.map(keyOf)) : 0;
  // AWS gives at most 50 a page, however many are asked for.
  const page = items.slice(start, start + Math.min(maxItems ?? 50, 50));
  const last = page.at(-1);
  if (last === undefined || start + page.length >= items.length) return { items: page, members: {} };
  const marker = `${start + page.length - 1}:${keyOf(last)}`;
  return { items: page, members: { NextMarker: Buffer.from(marker).toString('base64url') } };
}

function startOf(marker: string, keys: readonly string[]): number {
  const [, place = '', key = ''] = /^(\d{1,9}):(.*)$/s.exec(marker) ?? [];
  if (place === '') throw invalidMarker();
  const index = keys.indexOf(key);
  return index < 0 ? Number(place) : index + 1;
}

function decoded(marker: string): string {
  const key = Buffer.from(marker, 'base64url').toString();
  if (Buffer.from(key).toString('base64url') === marker) return key;
  throw invalidMarker();
}

const invalidMarker = () =>
  new AwsError('InvalidParameterValueException', { message: 'The Marker provided is not valid.' });
