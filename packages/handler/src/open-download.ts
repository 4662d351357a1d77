import { type EntityTag, parseEntityTag } from './entity-tag.ts';
import type { MeasuredStore } from './measured-store.ts';
import { discard } from './object-store/answered-range.ts';
import { type ObjectMetadata, type ObjectRead, type OpenObject, StoreError } from './object-store/object-store.ts';
import { type Conditions, type Decision, decide, type Validators } from './preconditions.ts';
import { Problem } from './problem.ts';
import { type ByteRange, type RangeSpec, resolveRange } from './range.ts';
import type { Attempt } from './store-attempt.ts';

/** What a GET comes to: bytes on their way, or a status of its own. */
export type Opened =
  | { readonly attempt: Attempt; readonly metadata: ObjectMetadata; readonly range: ByteRange | undefined }
  | { readonly decision: 'not-modified' | 'precondition-failed' | 'unsatisfiable'; readonly metadata: ObjectMetadata };

/**
 * Opens what a GET asks for in as few requests to the store as can be: one where the store can decide by itself (no condition, or one
 * strong tag to match; at most one range; If-Range by a tag), else a HEAD, on which the conditions are evaluated, and a GET that is
 * pinned to the version of the HEAD.
 */
export async function openDownload(store: MeasuredStore, key: string, conditions: Conditions): Promise<Opened> {
  const read = directRead(key, conditions);
  return (read && (await openDirectly(store, read, conditions))) ?? openByHead(store, key, conditions);
}

/** Undefined when the conditions are more than a store can evaluate. */
function directRead(key: string, conditions: Conditions): ObjectRead | undefined {
  const { ifMatch, ifUnmodifiedSinceMs, ifNoneMatch, ifModifiedSinceMs, ifRange, ranges = [] } = conditions;
  const others = [ifUnmodifiedSinceMs, ifNoneMatch, ifModifiedSinceMs];
  if (others.some((condition) => condition !== undefined) || ranges.length > 1 || ranges.some(isNothing))
    return undefined;
  if (ifRange === 'never') return ifMatch === undefined ? { key } : undefined;
  if (ifMatch !== undefined && ifRange !== undefined) return undefined;
  if (ifMatch === undefined && ifRange === undefined) return { key, range: ranges[0] };
  const pin = strongTag(ifRange ?? ifMatch);
  return pin === undefined ? undefined : { key, range: ranges[0], ifMatch: pin };
}

/** `-0`, of which stores make this or that. */
const isNothing = (spec: RangeSpec) => 'suffixBytes' in spec && spec.suffixBytes === 0;

/** S3's own tags and nothing else: it is not known what it makes of others. */
function strongTag(condition: EntityTag | number | '*' | readonly EntityTag[] | undefined): string | undefined {
  const tags = typeof condition === 'object' ? [condition].flat() : [];
  const [tag] = tags;
  return tags.length === 1 && tag?.isWeak === false && /^"[\w-]+"$/.test(tag.opaqueTag) ? tag.opaqueTag : undefined;
}

/** Undefined when the answer needs a look at the object's size, which an error may not tell. */
async function openDirectly(
  store: MeasuredStore,
  read: ObjectRead,
  conditions: Conditions,
): Promise<Opened | undefined> {
  try {
    const attempt = await store.get(read);
    if (!isAllOf(read.range, attempt.object)) {
      discard(attempt.object);
      return undefined;
    }
    return opened(attempt, read.range);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    if (error.reason === 'unsatisfiable') return undefined;
    if (error.reason !== 'changed') throw error;
    if (conditions.ifRange === undefined) return { decision: 'precondition-failed', metadata: {} };
    // If-Range did not hold: the whole of what is there now.
    return opened(await store.get({ key: read.key }), undefined);
  }
}

/** A store may send less than was asked for. It may also name a wrong size: its HEAD tells one from the other. */
function isAllOf(asked: RangeSpec | undefined, { isPartial, range, metadata }: OpenObject): boolean {
  if (!isPartial || asked === undefined || range === undefined || metadata.sizeBytes === undefined) return true;
  return range.last === resolveRange(asked, metadata.sizeBytes)?.last;
}

const MAX_VERSIONS = 3;

async function openByHead(store: MeasuredStore, key: string, conditions: Conditions): Promise<Opened> {
  for (let version = 1; version <= MAX_VERSIONS; version += 1) {
    const metadata = await store.head(key);
    const decision = decide(conditions, validatorsOf(metadata));
    if (isStatus(decision)) return { decision, metadata };
    const answer = await openVersion(store, key, metadata, decision === 'whole' ? undefined : decision);
    if (answer !== undefined) return answer;
  }
  throw new Problem(503, 'The object is being replaced all the time.', { headers: { 'Retry-After': '1' } });
}

/** Undefined when the store has another version by now. */
async function openVersion(
  store: MeasuredStore,
  key: string,
  version: ObjectMetadata,
  range: ByteRange | undefined,
): Promise<Opened | undefined> {
  try {
    const answer = opened(await store.get({ key, range, ifMatch: pinOf(version) }), range);
    if (isSameVersion(answer.metadata, version)) {
      return { ...answer, metadata: { ...answer.metadata, checksums: version.checksums } };
    }
    discard(answer.attempt.object);
    return undefined;
  } catch (error) {
    if (error instanceof StoreError && (error.reason === 'changed' || error.reason === 'unsatisfiable'))
      return undefined;
    throw error;
  }
}

/** For a store whose weak tags no If-Match can pin. */
const isSameVersion = (one: ObjectMetadata, other: ObjectMetadata) =>
  one.eTag === other.eTag &&
  one.lastModifiedMs === other.lastModifiedMs &&
  (one.sizeBytes === undefined || other.sizeBytes === undefined || one.sizeBytes === other.sizeBytes);

const isStatus = (decision: Decision) =>
  decision === 'not-modified' || decision === 'precondition-failed' || decision === 'unsatisfiable';

/** A store that knows no ranges answers by the whole, which is an answer for the client, too. */
function opened(attempt: Attempt, asked: RangeSpec | undefined): Opened & { readonly attempt: Attempt } {
  const { isPartial, range, metadata } = attempt.object;
  if (isPartial && asked === undefined) {
    discard(attempt.object);
    throw new StoreError('unavailable', 'The store answered by a range that nobody asked for.');
  }
  return { attempt, metadata, range: isPartial ? range : undefined };
}

export function validatorsOf({ eTag, lastModifiedMs, sizeBytes }: ObjectMetadata): Validators {
  return { eTag: parseEntityTag(eTag), lastModifiedMs, sizeBytes };
}

/** What tells this version from any other; undefined for a weak tag. */
export function pinOf({ eTag }: ObjectMetadata): string | undefined {
  return parseEntityTag(eTag)?.isWeak === false ? eTag : undefined;
}
