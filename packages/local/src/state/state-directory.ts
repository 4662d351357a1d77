import { createHash, randomBytes } from 'node:crypto';
import { lstat, mkdir, open, readdir, realpath, rename, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '@spillway/wire';

/** A directory that this process alone uses. */
export interface StateDirectory {
  readonly path: string;
  /** Lets go of it; a temporary one is removed. */
  release(): Promise<void>;
}

/** Long enough that no one names a directory of his own so by chance. */
const TEMPORARY_NAME = /^spillway-[0-9a-f]{16}$/;

/**
 * Takes `path`, or a new temporary directory when there is none; temporary directories that a killed server left are removed.
 * @throws UsageError when another server uses the directory, or it can't be made.
 */
export async function takeStateDirectory(path?: string): Promise<StateDirectory> {
  return path === undefined ? takeTemporary() : takeGiven(path);
}

async function takeGiven(path: string): Promise<StateDirectory> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw new UsageError(`The state directory ${path} can't be made: ${(error as Error).message}`, { cause: error });
  }
  const lock = await takeLock(path);
  if (lock === undefined) {
    throw new UsageError(
      `The state directory ${path} is in use by another spillway. Stop that one (Ctrl-C), or give this one its own with --state DIR.`,
    );
  }
  return { path: await realpath(path), release: lock };
}

async function takeTemporary(): Promise<StateDirectory> {
  try {
    const parent = await realpath(tmpdir());
    await removeLeftovers(parent);
    const path = join(parent, `spillway-${randomBytes(8).toString('hex')}`);
    const lock = await makeLocked(path);
    return {
      path,
      release: async () => {
        await remove(path);
        await lock?.();
      },
    };
  } catch (error) {
    throw new UsageError(
      `No temporary directory can be made: ${(error as Error).message}. Set TMPDIR to a directory that can be written, or give one with --state DIR.`,
      { cause: error },
    );
  }
}

/** What still writes there, an environment on its end, can make the first try fail. */
const remove = (path: string) => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });

/** Nobody holds the lock of a directory whose server was killed. Other people's directories are passed over. */
async function removeLeftovers(parent: string): Promise<void> {
  for (const entry of await readdir(parent, { withFileTypes: true })) {
    if (!entry.isDirectory() || !TEMPORARY_NAME.test(entry.name)) continue;
    const path = join(parent, entry.name);
    const owner = await lstat(path).catch(() => undefined);
    if (owner?.uid !== process.getuid?.()) continue;
    const lock = await takeLock(path).catch(() => undefined);
    if (lock === undefined) continue;
    await remove(path).catch(() => {});
    await lock();
  }
}

/** Locked before it has its name: a server that starts at the same time must not take it for a leftover. */
async function makeLocked(path: string): Promise<(() => Promise<void>) | undefined> {
  if (process.platform === 'linux') {
    const lock = await lockBySocket(path);
    await mkdir(path, { mode: 0o700 });
    return lock;
  }
  const nameless = `${path}.new`;
  await mkdir(nameless, { mode: 0o700 });
  const lock = await lockByOpen(nameless);
  await rename(nameless, path);
  return lock;
}

/**
 * A lock that the kernel lets go of when its holder dies, however it dies: a listener on an abstract socket (Linux) or an exclusive
 * open (macOS). Undefined when another process holds it.
 */
async function takeLock(path: string): Promise<(() => Promise<void>) | undefined> {
  return process.platform === 'linux' ? lockBySocket(await realpath(path)) : lockByOpen(path);
}

/** The whole of `sun_path`: Node.js 20 fills a shorter name up with NULs, later ones do not, and would take each other's locks for free. */
const SOCKET_NAME_BYTES = 108;

function lockBySocket(path: string): Promise<(() => Promise<void>) | undefined> {
  const digest = createHash('sha256').update(path).digest('hex');
  const name = `\0spillway-${digest}`.padEnd(SOCKET_NAME_BYTES, '-');
  const server = createServer().unref();
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen(name, () => resolve(() => new Promise<void>((closed) => server.close(() => closed()))));
  });
}

/** BSD's open(2) flags; Node names none of them. */
const O_EXLOCK = 0x20;
const O_NONBLOCK = 0x4;
const O_CREAT_RDWR = 0x202;

async function lockByOpen(path: string): Promise<(() => Promise<void>) | undefined> {
  try {
    const file = await open(join(path, '.lock'), O_CREAT_RDWR | O_EXLOCK | O_NONBLOCK, 0o600);
    return () => file.close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}
