import { AwsError } from '@spillway/wire';
import { Constraints } from './constraints.ts';
import { queryInteger } from './input-members.ts';

/** A page of a list, and where the next one begins. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly members: { readonly NextMarker?: string };
}

/**
 * The page that `Marker` and `MaxItems` ask for. A marker is the key of the last item before it, so that a list may change between pages.
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
  const after = query['Marker'] ? decoded(query['Marker']) : undefined;
  const start = after === undefined ? 0 : items.findIndex((item) => keyOf(item) === after) + 1;
  // AWS gives at most 50 a page, however many are asked for.
  const page = items.slice(start, start + Math.min(maxItems ?? 50, 50));
  const last = page.at(-1);
  if (last === undefined || start + page.length >= items.length) return { items: page, members: {} };
  return { items: page, members: { NextMarker: Buffer.from(keyOf(last)).toString('base64url') } };
}

function decoded(marker: string): string {
  const key = Buffer.from(marker, 'base64url').toString();
  if (Buffer.from(key).toString('base64url') === marker) return key;
  throw new AwsError('InvalidParameterValueException', { message: 'The Marker provided is not valid.' });
}
