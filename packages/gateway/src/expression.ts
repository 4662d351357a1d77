import { type Context, createContext, Script } from 'node:vm';

// Regular expressions that the author of an API wrote: checked when it is put, matched against what its callers send. Same as AWS: all of the
// text must match. On purpose: JavaScript's syntax, not Java's.

/** Longest match before it is given up, in ms. AWS names no bound; what can be matched at all takes a thousandth of this. */
export const MATCH_TIMEOUT_MS = 100;

export function isExpression(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether `expression` matches all of `text`; undefined if that was given up after `MATCH_TIMEOUT_MS`. Until then it holds the event loop:
 * an expression such as `(a+)+` tries more ways than it has time for.
 */
export function matchesWhole(expression: string, text: string): boolean | undefined {
  const pattern = new RegExp(`^(?:${expression})$`);
  return isLinear(expression) ? pattern.test(text) : matchInTime(pattern, text);
}

const ATOM = String.raw`(?:\\.|\[(?:\\.|[^\]\\])*\]|[^\\[\](){}|*+?])`;
const REPETITION = String.raw`(?:[*+?]|\{\d+(?:,\d*)?\})\??`;
const LINEAR = new RegExp(`^${ATOM}*(?:${REPETITION}${ATOM}*)?$`);

/** Without groups and alternatives, and with one repetition at the most, there are no more ways to match than the text has characters. */
const isLinear = (expression: string) => LINEAR.test(expression);

interface Sandbox extends Context {
  pattern: RegExp | undefined;
  text: string;
}

const MATCH = new Script('pattern.test(text)');
let sandbox: Sandbox | undefined;

/** A script's timeout ends a match too, wherever it is. It takes a thread for each call: a tenth of a millisecond and more. */
function matchInTime(pattern: RegExp, text: string): boolean | undefined {
  sandbox ??= createContext({ pattern, text }) as Sandbox;
  Object.assign(sandbox, { pattern, text });
  try {
    return MATCH.runInContext(sandbox, { timeout: MATCH_TIMEOUT_MS }) === true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined;
    throw error;
  } finally {
    Object.assign(sandbox, { pattern: undefined, text: '' });
  }
}
