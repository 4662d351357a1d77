import { type ParseArgsConfig, parseArgs } from 'node:util';
import { AWS_LIMITS, LIFTED_LIMITS, type Limits, UsageError } from '@spillway/wire';

export type Options = NonNullable<ParseArgsConfig['options']>;

/** Parses strictly. @throws UsageError naming the option that does not exist or lacks its value. */
export function parse<const T extends Options>(
  command: string,
  args: readonly string[],
  options: T,
): ReturnType<typeof parseArgs<{ args: string[]; options: T; allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}. See spillway ${command} --help.`, { cause: error });
  }
}

/** A whole number from 0 to 65535. */
export function portOption(text: string, option = '--port'): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UsageError(`${option} takes a port from 0 to 65535, not ${JSON.stringify(text)}.`);
}

/** `--limits aws|off` and every `--limit NAME=VALUE`. */
export function limitsOption(limits: string, overrides: readonly string[]): Limits {
  if (limits !== 'aws' && limits !== 'off')
    throw new UsageError(`--limits takes aws or off, not ${JSON.stringify(limits)}.`);
  const base = limits === 'aws' ? AWS_LIMITS : LIFTED_LIMITS;
  return { ...base, ...Object.fromEntries(overrides.map(limitOption)) };
}

function limitOption(text: string): readonly [keyof Limits, number] {
  const [, name = '', value = ''] = /^([^=]*)=(.*)$/.exec(text) ?? [];
  if (!Object.hasOwn(AWS_LIMITS, name)) {
    throw new UsageError(
      `--limit: there is no limit ${JSON.stringify(name || text)}. Limits: ${Object.keys(AWS_LIMITS).join(', ')}.`,
    );
  }
  const number = Number(value);
  if (value.trim() === '' || !(number >= 0)) {
    throw new UsageError(`--limit ${name} takes a number of 0 or more, or Infinity, not ${JSON.stringify(value)}.`);
  }
  if (name.endsWith('PerSecond') && number === 0) {
    throw new UsageError(`--limit ${name} takes more than 0, or Infinity for no pace: at 0 nothing would ever arrive.`);
  }
  if (name.endsWith('Ms') && Number.isFinite(number) && number > MAX_TIMER_MS) {
    throw new UsageError(`--limit ${name} takes ${MAX_TIMER_MS} (24 days) at most, or Infinity, not ${value}.`);
  }
  return [name as keyof Limits, number];
}

/** Node's timers hold no more, and would run out at once. */
const MAX_TIMER_MS = 2_147_483_647;

/** A Region's name, of any partition: it becomes part of ARNs and URLs. */
export function regionOption(text: string): string {
  if (/^[a-z]{2,}(-[a-z]+)+-\d{1,2}$/.test(text)) return text;
  throw new UsageError(`--region takes a Region's name such as us-east-1, not ${JSON.stringify(text)}.`);
}
