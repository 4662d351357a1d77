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
  const { day = '', month = '', year = '', hour = '', minute = '', second = '' } = fields;
  const wholeYear = year.length === 2 ? centuryOf(Number(year), nowMs) : Number(year);
  const date = new Date(0);
  date.setUTCFullYear(wholeYear, MONTHS.indexOf(month), Number(day));
  if (date.getUTCDate() !== Number(day)) return undefined;
  // A leap second counts as the one before it.
  const isTime = Number(hour) < 24 && Number(minute) < 60 && Number(second) <= 60;
  return isTime ? date.setUTCHours(Number(hour), Number(minute), Math.min(59, Number(second))) : undefined;
}

/** Two digits mean the past when they seem to be more than 50 years ahead. */
function centuryOf(year: number, nowMs: number): number {
  const thisYear = new Date(nowMs).getUTCFullYear();
  const candidate = thisYear - (thisYear % 100) + year;
  return candidate > thisYear + 50 ? candidate - 100 : candidate;
}
