import type { Verification } from '@spillway/client/node';
import { spillway } from './command.ts';

/** Names of checks by what came of them, and the exit code. */
export interface Verified {
  readonly exitCode: number | string;
  readonly json: Verification;
  of(verdict: string): readonly string[];
  seen(name: string): string;
}

/** `spillway verify --json`. */
export async function verified(
  url: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Verified> {
  const command = spillway(['verify', url, '--json', ...args], env);
  const exitCode = await command.ended();
  const json = JSON.parse(command.stdout() || '{}') as Verification;
  return {
    exitCode,
    json,
    of: (verdict) => json.checks.filter((check) => check.verdict === verdict).map(({ name }) => name),
    seen: (name) => json.checks.find((check) => check.name === name)?.seen ?? '',
  };
}
