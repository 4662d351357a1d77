import type { Log } from './adapter-log.ts';

/** HTTP status codes by membership. */
export type StatusCodes = (status: number) => boolean;

const HIGHEST = 65_535;

/** An unsigned 16-bit number in decimal digits, or undefined. */
export function parseStatusCode(text: string): number | undefined {
  const value = /^\+?\d+$/.test(text) ? Number(text) : Number.NaN;
  return value <= HIGHEST ? value : undefined;
}

/**
 * Reads `200,301-399`. A part that is no code and no range is skipped with a warning; spaces are allowed around parts,
 * not within ranges.
 */
export function parseStatusCodes(text: string, log: Log): StatusCodes {
  const ranges = text.split(',').flatMap((part) => rangeOf(part.trim(), log));
  return (status) => ranges.some(([first, last]) => first <= status && status <= last);
}

type Range = readonly [first: number, last: number];

function rangeOf(part: string, log: Log): readonly Range[] {
  if (part === '') return [];
  const isRange = part.includes('-');
  const ends = part.split('-').map(parseStatusCode);
  const [first, last = first] = ends;
  if (first !== undefined && last !== undefined && !ends.includes(undefined) && ends.length === (isRange ? 2 : 1)) {
    return [[first, last]];
  }
  log('WARN', `Failed to parse status code${isRange ? ' range' : ''}: ${part}`);
  return [];
}
