import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { isAbsolute } from 'node:path';

// Reads "+ GROUP" and "- GROUP", and the same with the address of a Runtime API; when its input ends, because we closed it or were killed,
// it kills the groups that it still knows, what was told one of the addresses, as Linux shows it, and what that has started, and removes
// the one directory it was given. An address is an environment's own within one network only. A function may leave directories that
// its user may not write to. Plain sh, so that it costs no memory to speak of and needs no Node.js.
const SCRIPT = `
trap '' HUP INT TERM
known=
while read -r sign one; do
  if [ "$sign" = + ]; then
    known="$known $one"
  else
    rest=
    for other in $known; do [ "$other" = "$one" ] || rest="$rest $other"; done
    known=$rest
  fi
done
groups=
marks=
for one in $known; do
  case $one in
    *:*) marks="$marks -e AWS_LAMBDA_RUNTIME_API=$one" ;;
    *) groups="$groups $one" ;;
  esac
done
marked() {
  [ -n "$marks" ] || return
  for environ in $(grep -lszxF $marks /proc/[0-9]*/environ); do
    process=\${environ%/environ}
    [ "$process/ns/net" -ef "/proc/$$/ns/net" ] && echo "\${process#/proc/}"
  done
}
families() {
  for process; do
    echo "$process"
    families $(cat "/proc/$process/task/"*/children 2>/dev/null)
  done
}
for look in 1 2 3 4 5; do
  left=$(families $(marked))
  for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done
  groups=
  [ -n "$left" ] || break
  kill -s KILL $left 2>/dev/null
done
rm -rf -- "$1" || { sleep 1; chmod -R u+rwX -- "$1"; rm -rf -- "$1"; }
`;

/**
 * Outlives us by a moment: when this process ends in any way, kill -9 included, the process groups it started end too, on Linux also what
 * left them for a session of its own, and `directory` is removed with all that is in it.
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

  /** Processes with this AWS_LAMBDA_RUNTIME_API are ours, whatever their groups. `runtimeApiAddress`: `127.0.0.1:PORT`, where we listen. */
  addEnvironment(runtimeApiAddress: string): void {
    this.#process.stdin?.write(`+ ${runtimeApiAddress}\n`);
  }

  /** To be called while we still listen there: another server's environment may be given the same address then. */
  removeEnvironment(runtimeApiAddress: string): void {
    this.#process.stdin?.write(`- ${runtimeApiAddress}\n`);
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
