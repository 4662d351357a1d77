import { styleText } from 'node:util';
import { CHECK_NAMES, type Check, type Verdict } from '@spillway/client/node';

const NAME_WIDTH = Math.max(...CHECK_NAMES.map((name) => name.length));
const VERDICT_WIDTH = 7;
const INDENT = NAME_WIDTH + VERDICT_WIDTH + 2;
const MAX_WIDTH = 160;
const MIN_WIDTH = 72;

const COLORS: Readonly<Record<Verdict, Parameters<typeof styleText>[0]>> = {
  pass: 'green',
  warn: 'yellow',
  fail: 'red',
  skip: 'gray',
};

export interface TableStyle {
  /** Columns of the terminal. */
  readonly width: number;
  readonly isColored: boolean;
}

/** How a stream is written to. */
export function tableStyle(stream: NodeJS.WriteStream): TableStyle {
  const width = Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, stream.columns ?? 120));
  return { width, isColored: stream.isTTY === true && stream.hasColors() };
}

export const tableHead = (): string =>
  `${'check'.padEnd(NAME_WIDTH)}  ${'result'.padEnd(VERDICT_WIDTH)}what was seen, and -> what to do`;

/** A row: check, result, what was seen, and below it what to do. */
export function tableRow({ name, verdict, seen, advice }: Check, { width, isColored }: TableStyle): string {
  const result = isColored ? styleText(COLORS[verdict], verdict) : verdict;
  const start = `${name.padEnd(NAME_WIDTH)}  ${result}${' '.repeat(VERDICT_WIDTH - verdict.length)}`;
  const lines = wrapped(printable(seen), width - INDENT);
  if (advice !== undefined && (verdict === 'fail' || verdict === 'warn')) {
    lines.push(...wrapped(`-> ${printable(advice)}`, width - INDENT));
  }
  return start + lines.join(`\n${' '.repeat(INDENT)}`);
}

/** What a server said may hold what moves a terminal's cursor. */
const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, '?');

function wrapped(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line === '') lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}
