import { trimmed } from './header-field.ts';

/** @see https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3 */
export interface EntityTag {
  readonly isWeak: boolean;
  /** Quotes included. */
  readonly opaqueTag: string;
}

const ENTITY_TAG = /^(W\/)?("[\x21\x23-\x7e\x80-\uffff]*")$/;

/** One entity tag and nothing else; undefined for anything that is none. */
export function parseEntityTag(text: string | undefined): EntityTag | undefined {
  const [, weak, opaqueTag] = ENTITY_TAG.exec(text ?? '') ?? [];
  return opaqueTag === undefined ? undefined : { isWeak: weak !== undefined, opaqueTag };
}

const LIST_ELEMENT = /(?:[\t ]*((?:W\/)?"[\x21\x23-\x7e\x80-\uffff]*"))?[\t ]*(,|$)/y;

/**
 * `If-Match` and `If-None-Match`: `*`, or a list whose empty elements do not count. A field that breaks the grammar anywhere holds
 * no tag at all: If-Match then fails and If-None-Match is passed, which is the safe side of both.
 */
export function parseEntityTags(field: string): '*' | readonly EntityTag[] {
  if (trimmed(field) === '*') return '*';
  const tags: EntityTag[] = [];
  for (let offset = 0; offset <= field.length; ) {
    LIST_ELEMENT.lastIndex = offset;
    const match = LIST_ELEMENT.exec(field);
    if (match === null) return [];
    const tag = parseEntityTag(match[1]);
    if (tag !== undefined) tags.push(tag);
    offset = match[2] === ',' ? LIST_ELEMENT.lastIndex : field.length + 1;
  }
  return tags;
}

/** Both strong and the same. https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3.2 */
export const matchesStrongly = (one: EntityTag, other: EntityTag | undefined): boolean =>
  other !== undefined && !one.isWeak && !other.isWeak && one.opaqueTag === other.opaqueTag;

/** The same, weak or not. */
export const matchesWeakly = (one: EntityTag, other: EntityTag | undefined): boolean =>
  one.opaqueTag === other?.opaqueTag;
