/** The range that a 206 holds: from `start` to before `end`. */
export interface ContentRange {
  readonly start: number;
  readonly end: number;
  /** Undefined for `*`. */
  readonly sizeBytes: number | undefined;
}

/** Reads `bytes 0-99/1000`. Undefined for what is no such range. @see https://www.rfc-editor.org/rfc/rfc9110#section-14.4 */
export function parseContentRange(text: string | null): ContentRange | undefined {
  const match = /^\s*bytes\s+(\d{1,16})-(\d{1,16})\/(\d{1,16}|\*)\s*$/i.exec(text ?? '');
  if (match === null) return undefined;
  const [start, last] = [Number(match[1]), Number(match[2])];
  const sizeBytes = match[3] === '*' ? undefined : Number(match[3]);
  if (last < start || last >= (sizeBytes ?? Number.MAX_SAFE_INTEGER)) return undefined;
  return { start, end: last + 1, sizeBytes };
}

/** The size of the object that a 416 names. */
export function parseUnsatisfiedRange(text: string | null): number | undefined {
  const size = /^\s*bytes\s+\*\/(\d{1,16})\s*$/i.exec(text ?? '')?.[1];
  return size === undefined ? undefined : Number(size);
}

/** A header that counts bytes; undefined when it is missing or none. */
export function parseLength(text: string | null): number | undefined {
  return text !== null && /^\s*\d{1,16}\s*$/.test(text) ? Number(text) : undefined;
}
