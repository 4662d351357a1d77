// spillway verify URL: what an endpoint does, by the client's checks and one of HTTP versions. This is their terminal: a table, or JSON.
import { type Verification, verifyEndpoint } from '@spillway/client/node';
import { UsageError } from '@spillway/wire';
import { flushed } from '../flushed.ts';
import { formatBytes, formatSeconds } from '../get/sizes.ts';
import { checkHttpVersion } from './http-version.ts';
import { tableHead, tableRow, tableStyle } from './table.ts';
import { type VerifyCommandOptions, verifyOptions } from './verify-options.ts';

const MISUSE = 2;

/** As shells count a process that a signal ended. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** `spillway verify`: sets the exit code by what was found. */
export async function verify(args: readonly string[]): Promise<void> {
  let options: VerifyCommandOptions;
  try {
    options = verifyOptions(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`spillway: ${error.message}\n`);
    process.exitCode = MISUSE;
    return;
  }
  for (const [name, exitCode] of Object.entries(SIGNALS)) process.once(name, () => process.exit(exitCode));
  const found = await run(options);
  if (options.isJson) print(JSON.stringify(found));
  else print(`\n${summaryOf(found)}`);
  process.exitCode = found.ok ? 0 : 1;
  // Nothing is left to wait for but connections kept alive.
  await flushed();
  process.exit();
}

async function run({ url, headers, verify: settings, isJson }: VerifyCommandOptions): Promise<Verification> {
  const style = tableStyle(process.stdout);
  if (!isJson) print(tableHead());
  return verifyEndpoint(url, {
    ...settings,
    checkHttpVersion: (signal) => checkHttpVersion(url, headers, signal),
    ...(!isJson && { onCheck: (check) => print(tableRow(check, style)) }),
  });
}

function summaryOf({ checks, requests, receivedBytes, elapsedMs }: Verification): string {
  const count = (wanted: string) => checks.filter(({ verdict }) => verdict === wanted).length;
  const failed = checks.filter(({ verdict }) => verdict === 'fail').map(({ name }) => name);
  const cost = `${requests} requests, ${formatBytes(receivedBytes)} received, ${formatSeconds(elapsedMs / 1000)}.`;
  const counts = `${count('pass')} passed, ${count('warn')} warned, ${failed.length} failed, ${count('skip')} skipped`;
  return `${failed.length === 0 ? 'No check failed' : `Failed: ${failed.join(', ')}`} (${counts}). ${cost}`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
