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
  return [name as keyof Limits, number];
}
