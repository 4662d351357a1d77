import type { ByteRange, RangeSpec } from '../range.ts';
import { type OpenObject, StoreError } from './object-store.ts';

/** What the head of an answer says about which bytes follow. */
export interface AnsweredRange {
  readonly isPartial: boolean;
  readonly range: ByteRange | undefined;
  readonly sizeBytes: number | undefined;
}

/**
 * Reads `Content-Range` and `Content-Length` of a 200 or 206.
 * @throws StoreError `unavailable` when they contradict each other, or what was asked.
 */
export function answeredRange(
  asked: RangeSpec | undefined,
  status: number | undefined,
  contentRange: string | undefined,
  contentLengthBytes: number | undefined,
): AnsweredRange {
  if (status !== 206) {
    const last = contentLengthBytes === undefined ? undefined : contentLengthBytes - 1;
    return {
      isPartial: false,
      range: last === undefined ? undefined : { first: 0, last },
      sizeBytes: contentLengthBytes,
    };
  }
  const [, first, last, size] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(contentRange ?? '') ?? [];
  const range = { first: Number(first), last: Number(last) };
  const sizeBytes = size === '*' || size === undefined ? undefined : Number(size);
  if (first === undefined || !isWhatWasAsked(asked, range, sizeBytes) || !hasLength(range, contentLengthBytes)) {
    throw new StoreError('unavailable', `The store answered by a range that was not asked for: ${contentRange}.`);
  }
  return { isPartial: true, range, sizeBytes };
}

function isWhatWasAsked(asked: RangeSpec | undefined, { first, last }: ByteRange, sizeBytes = Infinity): boolean {
  if (asked === undefined || last < first || last >= sizeBytes) return false;
  if ('first' in asked) return first === asked.first && last <= (asked.last ?? last);
  return last === sizeBytes - 1 && first === Math.max(0, sizeBytes - asked.suffixBytes);
}

const hasLength = ({ first, last }: ByteRange, lengthBytes: number | undefined) =>
  lengthBytes === undefined || lengthBytes === last - first + 1;

/** `Range` for a store, always one range. */
export function rangeHeader(spec: RangeSpec): string {
  return 'suffixBytes' in spec ? `bytes=-${spec.suffixBytes}` : `bytes=${spec.first}-${spec.last ?? ''}`;
}

/** Lets go of a body that nobody will read. Not awaited: a source that hangs would hold back the answer. */
export function discard({ body }: OpenObject): void {
  void Promise.resolve(body[Symbol.asyncIterator]().return?.()).catch(() => {});
}
