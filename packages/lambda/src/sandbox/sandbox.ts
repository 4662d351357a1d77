import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  makeVarDirectory,
  type NamespaceKind,
  namespacePlace,
  sharedDirectoryIn,
  worksHere,
} from './mount-namespace.ts';
import { type EnvironmentDirectories, type Place, realPlace } from './place.ts';

export type SandboxSetting = 'auto' | 'off';

/** Gives each execution environment its place. */
export interface Sandbox {
  /** False: every place is a real one. */
  readonly isOpen: boolean;
  /** `keptPaths`: of the host, to be found inside where they are outside. */
  place(directories: EnvironmentDirectories, keptPaths: readonly string[]): Place;
}

const noSandbox: Sandbox = { isOpen: false, place: realPlace };

export interface SandboxOptions {
  readonly setting: SandboxSetting;
  /** Something is made below. */
  readonly directory: string;
  /** Of the host, to be found by every environment. */
  readonly keptPaths: readonly string[];
  readonly report: (line: string) => void;
}

const varDirectoryIn = (directory: string) => join(directory, 'var');

/** What every environment may read, of a server whose sandbox was opened with this `directory`. It may have to be made. */
export const sharedDirectoryOf = (directory: string): string => sharedDirectoryIn(varDirectoryIn(directory));

/** Finds out what this host lets us do, by doing it. */
export async function openSandbox({ setting, directory, keptPaths, report }: SandboxOptions): Promise<Sandbox> {
  if (setting === 'off') return noSandbox;
  const kind = await firstThatWorks(namespaceKinds(), directory);
  if (!kind) {
    report(
      'Functions run without /var/task, /opt and a /tmp of their own, which take Linux, util-linux and the right to make namespaces. ' +
        'They find the real directories in LAMBDA_TASK_ROOT, PATH and TMPDIR.',
    );
    return noSandbox;
  }
  const varDirectory = makeVarDirectory(varDirectoryIn(directory));
  return {
    isOpen: true,
    place: (directories, morePaths) => namespacePlace(kind, varDirectory, directories, [...keptPaths, ...morePaths]),
  };
}

async function firstThatWorks(kinds: readonly NamespaceKind[], directory: string): Promise<NamespaceKind | undefined> {
  for (const kind of kinds) {
    const probe = await mkdtemp(join(directory, 'probe-'));
    const works = await worksHere(kind, probe);
    await rm(probe, { recursive: true, force: true });
    if (works) return kind;
  }
  return undefined;
}

/** The closest to Lambda first. */
function namespaceKinds(): readonly NamespaceKind[] {
  const [unshare, mount] = ['unshare', 'mount'].map(program);
  if (process.platform !== 'linux' || unshare === undefined || mount === undefined || !existsSync('/opt')) return [];
  const [user, group] = [process.getuid?.(), process.getgid?.()];
  const asUser = { unshare, mount, isUser: true };
  if (user === 0) return [{ ...asUser, isUser: false }, asUser];
  return user === undefined || group === undefined ? [asUser] : [{ ...asUser, ids: { user, group } }, asUser];
}

const program = (name: string) =>
  ['/usr/bin', '/bin', '/usr/sbin', '/sbin'].map((directory) => join(directory, name)).find(existsSync);
