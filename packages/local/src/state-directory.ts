import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, open, readdir, realpath, rm } from 'node:fs/promises';
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

const TEMPORARY_PREFIX = 'spillway-';

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
  await removeLeftovers();
  const path = await realpath(await mkdtemp(join(tmpdir(), TEMPORARY_PREFIX)));
  const lock = await takeLock(path);
  if (lock === undefined) throw new UsageError(`The new directory ${path} is in use. Try again.`);
  return {
    path,
    release: async () => {
      await rm(path, { recursive: true, force: true });
      await lock();
    },
  };
}

/** Nobody holds the lock of a directory whose server was killed. Other people's directories can't be locked or removed: passed over. */
async function removeLeftovers(): Promise<void> {
  for (const entry of await readdir(tmpdir(), { withFileTypes: true })) {
    if (!entry.isDirectory() || !/^spillway-[A-Za-z0-9]{6}$/.test(entry.name)) continue;
    const path = join(tmpdir(), entry.name);
    const lock = await takeLock(path).catch(() => undefined);
    if (lock === undefined) continue;
    await rm(path, { recursive: true, force: true }).catch(() => {});
    await lock();
  }
}

/**
 * A lock that the kernel lets go of when its holder dies, however it dies: a listener on an abstract socket (Linux) or an exclusive
 * open (macOS). Undefined when another process holds it.
 */
async function takeLock(path: string): Promise<(() => Promise<void>) | undefined> {
  return process.platform === 'linux' ? lockBySocket(await realpath(path)) : lockByOpen(path);
}

function lockBySocket(path: string): Promise<(() => Promise<void>) | undefined> {
  const name = `\0spillway-${createHash('sha256').update(path).digest('hex')}`;
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
