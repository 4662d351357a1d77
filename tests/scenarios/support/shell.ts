import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

/** What one command of a session printed, on either stream, and how it ended. */
export interface Printed {
  readonly text: string;
  readonly exitCode: number;
}

/** A bash of its own, in which one command runs after the other. */
export class Shell {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  #text = '';

  constructor(cwd: string, env: Readonly<Record<string, string>>) {
    const args = ['--noprofile', '--norc', '-c', 'exec 2>&1; exec bash --noprofile --norc -s'];
    this.#child = spawn('bash', args, { cwd, env, stdio: ['pipe', 'pipe', 'ignore'] });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#text += text;
      this.#child.emit('printed');
    });
    this.#child.once('close', () => this.#child.emit('printed'));
  }

  async run(command: string): Promise<Printed> {
    const mark = randomUUID();
    this.#text = '';
    // Its input is no part of the session.
    this.#child.stdin.write(`{ ${command}\n} </dev/null\nprintf '\\n%s %s\\n' ${mark} "$?"\n`);
    while (true) {
      const [whole, exitCode] = new RegExp(`\\n${mark} (\\d+)\\n`).exec(this.#text) ?? [];
      if (whole !== undefined) return { text: this.#text.slice(0, -whole.length), exitCode: Number(exitCode) };
      if (this.#child.exitCode !== null) throw new Error(`bash ended in: ${command}\n${this.#text}`);
      await once(this.#child, 'printed');
    }
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.stdin.end('exit 0\n');
    await once(this.#child, 'close');
  }
}
