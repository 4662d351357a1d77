const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const MONTH = `(?<month>${MONTHS.join('|')})`;
const TIME = '(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)';

/** IMF-fixdate, RFC 850's and asctime's, all of which a recipient must take. */
const FORMATS = [
  new RegExp(`^${DAY}, (?<day>\\d\\d) ${MONTH} (?<year>\\d{4}) ${TIME} GMT$`),
  new RegExp(`^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>\\d\\d)-${MONTH}-(?<year>\\d\\d) ${TIME} GMT$`),
  new RegExp(`^${DAY} ${MONTH} (?<day>[ \\d]\\d) ${TIME} (?<year>\\d{4})$`),
];

/**
 * An HTTP-date in ms since 1970; undefined for anything else. The name of the day is not held against the date.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
 */
export function parseHttpDate(text: string | undefined, nowMs: number): number | undefined {
  const fields = FORMATS.map((format) => format.exec(text ?? '')?.groups).find((groups) => groups !== undefined);
  if (fields === undefined) return undefined;
  const { year = '' } = fields;
  if (year.length === 4) return timeOf(fields, Number(year));
  // Two digits: what seems to be more than 50 years ahead is the last such year in the past.
  const now = new Date(nowMs);
  const sameCentury = now.getUTCFullYear() - (now.getUTCFullYear() % 100) + Number(year);
  const timeMs = timeOf(fields, sameCentury);
  const isAhead = timeMs !== undefined && timeMs > now.setUTCFullYear(now.getUTCFullYear() + 50);
  return isAhead ? timeOf(fields, sameCentury - 100) : timeMs;
}

function timeOf(fields: Readonly<Record<string, string>>, year: number): number | undefined {
  const { day = '', month = '', hour = '', minute = '', second = '' } = fields;
  const date = new Date(0);
  date.setUTCFullYear(year, MONTHS.indexOf(month), Number(day));
  if (date.getUTCDate() !== Number(day)) return undefined;
  // A leap second counts as the one before it.
  const isTime = Number(hour) < 24 && Number(minute) < 60 && Number(second) <= 60;
  return isTime ? date.setUTCHours(Number(hour), Number(minute), Math.min(59, Number(second))) : undefined;
}
