import { UsageError } from '@spillway/wire';
import { HELP } from './help.ts';
import { logs } from './logs.ts';
import { start } from './start.ts';
import { version } from './version.ts';

/** A command of `spillway`: takes the arguments behind its name; resolves to the exit code, when there is one to set. */
type Command = (args: readonly string[]) => Promise<void>;

const COMMANDS: Readonly<Record<string, Command>> = { start, logs };

/**
 * Runs `spillway`. Sets the process's exit code: 0, or 1 after a failure.
 * @param args what stands behind the name of the command
 */
export async function main(args: readonly string[]): Promise<void> {
  try {
    await run(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`spillway: ${error.message}\n`);
    process.exitCode = 1;
  }
}

async function run([name, ...args]: readonly string[]): Promise<void> {
  if (name === '--version' || args.includes('--version')) return print(version());
  if (name === undefined || name === '--help' || name === 'help') return print(HELP.spillway);
  const command = COMMANDS[name];
  if (command === undefined) {
    throw new UsageError(
      `there is no command ${JSON.stringify(name)}. Commands: ${Object.keys(COMMANDS).join(', ')}. See spillway --help.`,
    );
  }
  if (args.includes('--help')) return print(HELP[name as keyof typeof HELP]);
  await command(args);
}

function print(text: string): void {
  process.stdout.write(`${text.trimEnd()}\n`);
}
