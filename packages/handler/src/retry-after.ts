import { parseHttpDate } from './http-date.ts';

/** Seconds that a `Retry-After` asks for, by a number or a date. @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3 */
export function retryAfterSeconds(field: string | undefined, nowMs: number): number | undefined {
  if (field === undefined) return undefined;
  if (/^\d{1,9}$/.test(field)) return Number(field);
  const dateMs = parseHttpDate(field, nowMs);
  return dateMs === undefined ? undefined : Math.max(0, Math.ceil((dateMs - nowMs) / 1000));
}
