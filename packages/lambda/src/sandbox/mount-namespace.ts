import { execFile } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { type BindMount, hostMounts, isAtOrBelow, mountTable } from './mount-table.ts';
import type { EnvironmentDirectories, Launch, Place } from './place.ts';

/** How a mount namespace is had. */
export interface NamespaceKind {
  /** Paths of util-linux's programs. */
  readonly unshare: string;
  readonly mount: string;
  /** With a user namespace, which takes no root. */
  readonly isUser: boolean;
  /** Back to the user's own id once all is mounted. */
  readonly ids?: { readonly user: number; readonly group: number };
}

const AWS_TASK_ROOT = '/var/task';
const AWS_LANG_DIRECTORY = '/var/lang';
const AWS_OPT_DIRECTORY = '/opt';
const AWS_TEMPORARY_DIRECTORY = '/tmp';

/** Below /var. */
const SHARED = '.shared';

/** Below the directory that stands in for /var: what is written there can be read in every environment. */
export const sharedDirectoryIn = (varDirectory: string): string => join(varDirectory, SHARED);

/** Directories of the host that an environment does not see. */
const COVERED = [AWS_TASK_ROOT, AWS_LANG_DIRECTORY, AWS_OPT_DIRECTORY, AWS_TEMPORARY_DIRECTORY];

/** Whether the host's `path` is out of sight inside. */
export const isCovered = (path: string): boolean => COVERED.some((covered) => isAtOrBelow(path, covered));

// Mounts what it reads in a file. What the dynamic linker takes its orders from is set last: it is meant for the
// function, whose libraries may not be what these programs need.
const SCRIPT = `
"$1" -n -a -T "$2" || { echo '[spillway] /var/task, /opt and /tmp could not be mounted. SPILLWAY_SANDBOX=off does without.'; exit 1; }
shift 2
cd ${AWS_TASK_ROOT} || exit 1
unset OLDPWD
while [ "$1" != -- ]; do
  export "$1"
  shift
done
shift
exec "$@"
`;

/**
 * Stands in for the host's /var: all that is in there, by links into the hidden `.host`, room for what Lambda has there, and for what is
 * on its way to /opt and /tmp. Mounts are made in the namespaces of environments only.
 */
export function makeVarDirectory(directory: string): string {
  for (const name of ['.host', '.opt', '.tmp', SHARED, 'task', 'lang'])
    mkdirSync(join(directory, name), { recursive: true });
  for (const entry of readdirSync('/var', { withFileTypes: true })) {
    if (entry.name === 'task' || entry.name === 'lang') continue;
    const isLink = entry.isSymbolicLink();
    symlinkSync(isLink ? readlinkSync(join('/var', entry.name)) : `.host/${entry.name}`, join(directory, entry.name));
  }
  return directory;
}

/** The directories of an environment at AWS's paths; code and layers can't be written. `keptPaths`: of the host, to stay in sight. */
export function namespacePlace(
  kind: NamespaceKind,
  varDirectory: string,
  directories: EnvironmentDirectories,
  keptPaths: readonly string[],
): Place {
  // The mount program reads a file only. Written once: another process of this place may be about to read it.
  const table = `${directories.temporaryDirectory}.fstab`;
  let isWritten = false;
  return {
    isSandbox: true,
    taskRoot: AWS_TASK_ROOT,
    optDirectory: AWS_OPT_DIRECTORY,
    temporaryDirectory: AWS_TEMPORARY_DIRECTORY,
    langDirectory: AWS_LANG_DIRECTORY,
    sharedDirectory: sharedDirectoryIn('/var'),
    launch: (launch) => {
      if (!isWritten) writeFileSync(table, mountTable(bindMounts(varDirectory, directories, keptPaths), hostMounts()));
      isWritten = true;
      return namespaceLaunch(kind, table, launch);
    },
  };
}

function namespaceLaunch(kind: NamespaceKind, table: string, launch: Launch): Launch {
  const isForLinker = (name: string) => name.startsWith('LD_');
  const environment = Object.entries(launch.environment);
  const { ids } = kind;
  return {
    command: kind.unshare,
    arguments: [
      ...(kind.isUser ? ['--user', '--map-root-user'] : []),
      ...['--mount', '--propagation', 'private', '/bin/sh', '-c', SCRIPT, 'sh'],
      ...[kind.mount, table],
      ...environment.filter(([name]) => isForLinker(name)).map(([name, value]) => `${name}=${value}`),
      '--',
      ...(ids ? [kind.unshare, '--user', `--map-user=${ids.user}`, `--map-group=${ids.group}`] : []),
      launch.command,
      ...launch.arguments,
    ],
    environment: Object.fromEntries(environment.filter(([name]) => !isForLinker(name))),
  };
}

/** All sources are gathered in the new /var before anything is covered, wherever on the host they are. */
function bindMounts(
  varDirectory: string,
  { taskRoot, optDirectory, temporaryDirectory, langDirectory }: EnvironmentDirectories,
  keptPaths: readonly string[],
): readonly BindMount[] {
  const bind = (source: string, target: string) => ({ source, target, isReadOnly: false });
  const readOnly = (source: string, target: string) => ({ source, target, isReadOnly: true });
  const at = (name: string) => join(varDirectory, name);
  return [
    bind('/var', at('.host')),
    readOnly(taskRoot, at('task')),
    readOnly(langDirectory, at('lang')),
    readOnly(optDirectory, at('.opt')),
    ...kept(keptPaths, AWS_OPT_DIRECTORY, optDirectory, at('.opt')),
    bind(temporaryDirectory, at('.tmp')),
    ...kept(keptPaths, AWS_TEMPORARY_DIRECTORY, temporaryDirectory, at('.tmp')),
    readOnly(varDirectory, '/var'),
    bind('/var/.opt', AWS_OPT_DIRECTORY),
    bind('/var/.tmp', AWS_TEMPORARY_DIRECTORY),
  ];
}

/**
 * What of the host lies below `covered` is mounted where it will be seen once `directory`, mounted at `mountPoint`, covers it. Read-only:
 * many a function clears its /tmp, and must not clear a part of the host with it.
 */
function kept(paths: readonly string[], covered: string, directory: string, mountPoint: string): readonly BindMount[] {
  const below = paths.filter((path) => isAtOrBelow(path, covered) && path !== covered);
  const outermost = below.filter((path) => !below.some((other) => other !== path && isAtOrBelow(path, other)));
  return [...new Set(outermost)].map((source) => {
    const path = relative(covered, source);
    makeMountPoint(source, join(directory, path));
    return { source, target: join(mountPoint, path), isReadOnly: true };
  });
}

function makeMountPoint(source: string, target: string): void {
  if (lstatSync(source).isDirectory()) {
    mkdirSync(target, { recursive: true });
  } else {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, '', { flag: 'a' });
  }
}

const run = promisify(execFile);

/** Starts a process at such a place; true when it finds there what it should. Reads and writes below `directory` only. */
export async function worksHere(kind: NamespaceKind, directory: string): Promise<boolean> {
  const paths = ['task', 'opt', 'tmp', 'lang'].map((name) => join(directory, name));
  const [taskRoot = '', optDirectory = '', temporaryDirectory = '', langDirectory = ''] = paths;
  for (const path of paths) {
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'probe'), 'x');
  }
  const varDirectory = makeVarDirectory(join(directory, 'var'));
  const place = namespacePlace(kind, varDirectory, { taskRoot, optDirectory, temporaryDirectory, langDirectory }, []);
  const script = 'cat probe /opt/probe /tmp/probe /var/lang/probe && echo y > /tmp/written';
  const launch = place.launch({ command: '/bin/sh', arguments: ['-c', script], environment: {} });
  try {
    const { stdout } = await run(launch.command, [...launch.arguments], { env: {}, timeout: 5000, cwd: taskRoot });
    return stdout === 'xxxx';
  } catch {
    return false;
  }
}
