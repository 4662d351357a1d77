import { OutputLines } from './logs/output-lines.ts';
import { OutputHints, type OutputHintsOptions } from './output-hints.ts';

export interface EnvironmentOutputOptions extends OutputHintsOptions {
  /** A line as it was printed, or a hint that follows one. */
  readonly onLine: (line: string) => void;
}

/** What the processes of one environment print, line by line, with hints where a line tells of a trap. */
export class EnvironmentOutput {
  readonly #onLine: (line: string) => void;
  readonly #hints: OutputHints;
  #processes: OutputLines[] = [];

  constructor(options: EnvironmentOutputOptions) {
    this.#onLine = options.onLine;
    this.#hints = new OutputHints(options);
  }

  /** Takes what one more process prints: lines of several must not be mixed. */
  ofProcess(): (bytes: Buffer) => void {
    const lines = new OutputLines((line) => this.#read(line));
    this.#processes.push(lines);
    return (bytes) => lines.write(bytes);
  }

  /** What was printed without a line feed becomes a line of its own. */
  flush(): void {
    for (const lines of this.#processes) lines.flush();
  }

  /** Other processes come. */
  reset(): void {
    this.flush();
    this.#processes = [];
    this.#hints.reset();
  }

  #read(line: string): void {
    this.#onLine(line);
    const hint = this.#hints.read(line);
    if (hint !== undefined) this.#onLine(hint);
  }
}
