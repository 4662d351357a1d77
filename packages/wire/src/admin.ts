/** Paths below this on the one port are Spillway's own, for its command; no bucket may be named so. */
export const ADMIN_PATH = '/_spillway/';

/** A function as Spillway's own commands find it: `GET /_spillway/functions` answers a list of these. */
export interface FunctionSummary {
  readonly functionName: string;
  readonly logicalId?: string;
  readonly logGroupName: string;
}
