import { AwsError, UsageError } from '@spillway/wire';
import { HELP, OVERVIEW } from './help.ts';
import { version } from './version.ts';

/** A command of `spillway`: takes the arguments behind its name. */
type Command = (args: readonly string[]) => Promise<void>;

/** Loaded when called: `logs` needs nothing of the server. */
const COMMANDS: Readonly<Record<keyof typeof HELP, () => Promise<Command>>> = {
  start: async () => (await import('./start.ts')).start,
  logs: async () => (await import('./logs.ts')).logs,
  get: async () => (await import('./get/get.ts')).get,
  verify: async () => (await import('./verify/verify.ts')).verify,
};

/**
 * Runs `spillway`. Sets the process's exit code: 0, or 1 after a failure; `get` and `verify` tell failures apart by more of them.
 * @param args what stands behind the name of the command
 */
export async function main(args: readonly string[]): Promise<void> {
  // Who reads what is printed may end first (`| head`; `| tee` at Ctrl-C): no reason to leave anything undone.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  try {
    await run(args);
  } catch (error) {
    const message = userMessage(error);
    if (message === undefined) throw error;
    process.stderr.write(`spillway: ${message}\n`);
    process.exitCode = 1;
  }
}

/** What a person can do something about; undefined for a fault of ours, which needs its stack. */
function userMessage(error: unknown): string | undefined {
  if (error instanceof UsageError) return error.message;
  if (error instanceof AwsError) return [error.message, error.advice].filter(Boolean).join(' ');
  // The system's own words name the call and the path: "EACCES: permission denied, mkdir '/state/origin'".
  return error instanceof Error && 'syscall' in error ? error.message : undefined;
}

async function run([name, ...args]: readonly string[]): Promise<void> {
  if (name === '--version' || args.includes('--version')) return print(version());
  if (name === undefined || name === '--help' || name === 'help') return print(OVERVIEW);
  if (!isCommand(name)) {
    throw new UsageError(
      `there is no command ${JSON.stringify(name)}. Commands: ${Object.keys(COMMANDS).join(', ')}. See spillway --help.`,
    );
  }
  if (args.includes('--help')) return print(HELP[name]);
  const command = await COMMANDS[name]();
  await command(args);
}

const isCommand = (name: string): name is keyof typeof COMMANDS => Object.hasOwn(COMMANDS, name);

function print(text: string): void {
  process.stdout.write(`${text.trimEnd()}\n`);
}
