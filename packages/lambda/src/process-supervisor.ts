import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { isAbsolute } from 'node:path';

// Reads "+ GROUP" and "- GROUP"; when its input ends, because we closed it or were killed, it kills the groups that it still knows
// and removes the one directory it was given. Plain sh, so that it costs no memory to speak of and needs no Node.js.
const SCRIPT = `
trap '' HUP INT TERM
groups=
while read -r sign group; do
  if [ "$sign" = + ]; then
    groups="$groups $group"
  else
    rest=
    for known in $groups; do [ "$known" = "$group" ] || rest="$rest $known"; done
    groups=$rest
  fi
done
for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done
rm -rf -- "$1" || { sleep 1; rm -rf -- "$1"; }
`;

/**
 * Outlives us by a moment: when this process ends in any way, kill -9 included, the process groups it started end too, and
 * `directory` is removed with all that is in it.
 */
export class ProcessSupervisor {
  readonly #process: ChildProcess;

  /** `directory` must be absolute, and made for this purpose. */
  constructor(directory: string) {
    if (!isAbsolute(directory) || directory === '/') throw new TypeError(`Not a directory of ours: ${directory}`);
    // A session of its own: neither Ctrl-C nor the end of the terminal reaches it.
    this.#process = spawn('/bin/sh', ['-c', SCRIPT, 'spillway-supervisor', directory], {
      detached: true,
      cwd: '/',
      env: { PATH: '/usr/bin:/bin' },
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    // Ended by somebody else: nothing is lost as long as we end in order ourselves.
    this.#process.on('error', () => {});
    this.#process.stdin?.on('error', () => {});
    this.#process.unref();
  }

  /** `processGroupId`: of a process that was started as the leader of its group. */
  add(processGroupId: number): void {
    this.#process.stdin?.write(`+ ${processGroupId}\n`);
  }

  /** To be called only when the group has ended: its id may be given to others then. */
  remove(processGroupId: number): void {
    this.#process.stdin?.write(`- ${processGroupId}\n`);
  }

  /** Has the directory removed; waits for it. */
  async close(): Promise<void> {
    const { exitCode, signalCode, stdin } = this.#process;
    stdin?.end();
    if (exitCode !== null || signalCode !== null || this.#process.pid === undefined) return;
    this.#process.ref();
    await once(this.#process, 'exit');
  }
}
