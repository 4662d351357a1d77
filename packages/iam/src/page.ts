import { AwsError } from '@spillway/wire';
import { wholeNumber } from './members.ts';
import type { QueryInput } from './query-request.ts';
import { listOf, type XmlNode } from './query-response.ts';

const DEFAULT_ITEMS = 100;
const MAX_ITEMS = 1000;

/**
 * The page of a list that `Marker` and `MaxItems` ask for, in the order of the items' keys, as the member `name` of an output. A marker holds
 * the last key that was given, so that what is made or deleted meanwhile shifts nothing.
 * @throws AwsError `ValidationError`.
 */
export function page<Item>(
  input: QueryInput,
  name: string,
  items: readonly Item[],
  keyOf: (item: Item) => string,
  toXml: (item: Item) => XmlNode,
): Record<string, XmlNode> {
  const limit = wholeNumber(input, 'MaxItems', 1, MAX_ITEMS) ?? DEFAULT_ITEMS;
  const after = readMarker(input.get('Marker'));
  const rest = items
    .filter((item) => after === undefined || keyOf(item) > after)
    .sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  const found = rest.slice(0, limit);
  const last = found.at(-1);
  const output = { [name]: listOf(found.map(toXml)), IsTruncated: rest.length > limit };
  if (last === undefined || rest.length <= limit) return output;
  return { ...output, Marker: Buffer.from(JSON.stringify([keyOf(last)])).toString('base64') };
}

function readMarker(marker: string | undefined): string | undefined {
  if (marker === undefined) return undefined;
  try {
    const [key] = JSON.parse(Buffer.from(marker, 'base64').toString()) as readonly unknown[];
    if (typeof key === 'string') return key;
  } catch {
    // Not one of ours.
  }
  throw new AwsError('ValidationError', { message: `Invalid Marker: ${marker}` });
}
