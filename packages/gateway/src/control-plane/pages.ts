import { type Answer, type Call, ok, queryValue } from './operation.ts';
import { badRequest } from './refusal.ts';

const DEFAULT_LIMIT = 25;
const MAX_LIMIT = 500;

/**
 * One page of a list, in the order of `keyOf`. `position` is the key of the last item shown, so that a page follows the one before also
 * when items come and go meanwhile.
 * @throws AwsError for a limit or position that is none.
 */
export function page<Item>(
  call: Call,
  items: readonly Item[],
  keyOf: (item: Item) => string,
  view: (item: Item) => unknown,
): Answer {
  const limit = readLimit(queryValue(call, 'limit'));
  const after = readPosition(queryValue(call, 'position'));
  const sorted = items
    .map((item) => ({ item, key: keyOf(item) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .filter(({ key }) => after === undefined || key > after);
  const shown = sorted.slice(0, limit);
  const last = sorted.length > limit ? shown.at(-1) : undefined;
  return ok({
    item: shown.map(({ item }) => view(item)),
    ...(last === undefined ? {} : { position: Buffer.from(last.key).toString('base64url') }),
  });
}

function readLimit(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LIMIT;
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1) throw badRequest(`Invalid limit specified: ${text}`);
  return Math.min(limit, MAX_LIMIT);
}

function readPosition(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const key = Buffer.from(text, 'base64url').toString();
  if (Buffer.from(key).toString('base64url') !== text) throw badRequest('Invalid position parameter specified');
  return key;
}
