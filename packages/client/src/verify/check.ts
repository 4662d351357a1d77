/** What can be checked of an endpoint, by name, in the order in which it is. */
export const CHECK_NAMES = [
  'answer',
  'size',
  'length',
  'digest',
  'first-byte',
  'buffering',
  'pace',
  'head',
  'etag',
  'range',
  'suffix-range',
  'open-range',
  'unsatisfiable-range',
  'resume',
  'if-range',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'accept-ranges',
  'content-type',
  'cache-control',
  'name',
  'http-version',
  'buffered',
] as const;
export type CheckName = (typeof CHECK_NAMES)[number];

/** `warn`: it works, and something could be better or is not proved. `skip`: it could not be tried. */
export type Verdict = 'pass' | 'warn' | 'fail' | 'skip';

/** What came of one check. */
export interface Check {
  readonly name: CheckName;
  readonly verdict: Verdict;
  /** What was seen, for people. */
  readonly seen: string;
  /** What to do about it. */
  readonly advice?: string;
}

/** A check that its runner gives the name to. */
export type Finding = Omit<Check, 'name'>;

export const pass = (seen: string): Finding => ({ verdict: 'pass', seen });
export const skip = (seen: string): Finding => ({ verdict: 'skip', seen });
export const warn = (seen: string, advice: string): Finding => ({ verdict: 'warn', seen, advice });
export const fail = (seen: string, advice: string): Finding => ({ verdict: 'fail', seen, advice });
