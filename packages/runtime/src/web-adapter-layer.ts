import { existsSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BASH = '/bin/bash';

/** Started by the managed runtimes instead of their own interpreter; `exec` says what is wrong with a handler, in bash's words. */
const bootstrap = (shell: string) => `#!${shell}

exec "$LAMBDA_TASK_ROOT/$_HANDLER"
`;

/** This program, whatever Node.js options the function sets for its app. */
const EXTENSION = `#!/bin/sh
unset NODE_OPTIONS
exec ${quoted(process.execPath)} --single-threaded-gc ${quoted(fileURLToPath(import.meta.resolve('@spillway/runtime/web-adapter')))}
`;

/**
 * Writes the layer of AWS Lambda Web Adapter, as it is to lie in /opt, into `directory`: `bootstrap`, `extensions/lambda-adapter`.
 * The adapter runs on this process's Node.js, at its place on this machine. @returns `directory`.
 */
export async function webAdapterLayer(directory: string): Promise<string> {
  await mkdir(join(directory, 'extensions'), { recursive: true });
  await writeExecutable(join(directory, 'bootstrap'), bootstrap(existsSync(BASH) ? BASH : '/bin/sh'));
  await writeExecutable(join(directory, 'extensions/lambda-adapter'), EXTENSION);
  return directory;
}

async function writeExecutable(path: string, text: string): Promise<void> {
  await writeFile(path, text);
  await chmod(path, 0o755);
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}
