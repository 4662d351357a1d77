import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { launchRefusal } from './extensions/extension-files.ts';
import { hint } from './hints.ts';

export interface EntrypointDirectories {
  readonly taskRoot: string;
  readonly optDirectory: string;
}

/** Why the `bootstrap` of an OS-only runtime can't be started. */
export interface InvalidEntrypoint {
  /** AWS's words. */
  readonly text: string;
  readonly hint: string;
}

/**
 * Looks for what is wrong with the `bootstrap` that a `provided` runtime is. `host`: where this process finds the directories; `placed`:
 * where the processes of the environment do.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html
 */
export function invalidEntrypoint(
  host: EntrypointDirectories,
  placed: EntrypointDirectories,
): InvalidEntrypoint | undefined {
  const found = (['taskRoot', 'optDirectory'] as const).find((name) => existsSync(join(host[name], 'bootstrap')));
  if (!found) {
    const paths = [placed.taskRoot, placed.optDirectory].map((directory) => join(directory, 'bootstrap'));
    return {
      text: `Couldn't find valid bootstrap(s): [${paths.join(' ')}]`,
      hint: hint(
        'An OS-only runtime starts the file bootstrap at the root of the package, or of a layer, and there is none. If it lies in a folder ' +
          'of the zip, zip what is in that folder, not the folder itself; build it if it was not built.',
      ),
    };
  }
  const refusal = launchRefusal(join(host[found], 'bootstrap'));
  if (refusal === undefined) return undefined;
  return { text: `fork/exec ${join(placed[found], 'bootstrap')}: ${refusal}`, hint: hint(ADVICE[refusal]) };
}

const ADVICE = {
  'permission denied':
    'bootstrap has no execute permission: chmod +x bootstrap before it is zipped. An archive made on Windows loses it.',
  'exec format error':
    `bootstrap is no executable of this machine (${process.platform} ${process.arch}): build it for Linux and for the architecture of the ` +
    'function (Go: GOOS=linux GOARCH=amd64 or arm64), or begin a script with #!/bin/sh.',
  'no such file or directory':
    'The first line of bootstrap names an interpreter that is not there. With Windows line ends (CRLF) its name ends in a carriage return: ' +
    'save the file with LF.',
} as const;
