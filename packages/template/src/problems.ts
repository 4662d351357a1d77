import { type TemplateNote, UsageError } from '@spillway/wire';
import type { Position } from './template-node.ts';

/** Everything there is to say about a template, gathered so that its author sees all of it at once. */
export class Problems {
  readonly errors: TemplateNote[] = [];
  readonly warnings: TemplateNote[] = [];
  readonly notEnforced: TemplateNote[] = [];
  readonly #ignoreUnsupported: boolean;
  #unsupportedCount = 0;

  constructor(ignoreUnsupported: boolean) {
    this.#ignoreUnsupported = ignoreUnsupported;
  }

  error(at: Position, message: string): void {
    add(this.errors, at, message);
  }

  warn(at: Position, message: string): void {
    add(this.warnings, at, message);
  }

  /** Read but without effect here. */
  ignore(at: Position, message: string): void {
    add(this.notEnforced, at, message);
  }

  /** What Spillway does not do: an error, or a warning under `ignoreUnsupported`. */
  unsupported(at: Position, message: string): void {
    if (this.#ignoreUnsupported) {
      this.warn(at, `${message} It is left out (--ignore-unsupported).`);
      return;
    }
    this.#unsupportedCount += 1;
    this.error(at, message);
  }

  /** @throws UsageError that lists every error as `file:line:column: message`. */
  throwIfAny(file: string): void {
    if (this.errors.length === 0) return;
    const lines = this.errors.toSorted(byPlace).map(noteLine);
    const count = lines.length === 1 ? 'a problem' : `${lines.length} problems`;
    const advice =
      this.#unsupportedCount === 0 ? [] : ['--ignore-unsupported starts without what Spillway does not support.'];
    throw new UsageError([`Template ${file} has ${count}:`, ...lines, ...advice].join('\n'));
  }
}

function add(notes: TemplateNote[], { file, line, column }: Position, message: string): void {
  const isKnown = notes.some(
    (note) => note.line === line && note.column === column && note.file === file && note.message === message,
  );
  if (!isKnown) notes.push({ file, line, column, message });
}

const noteLine = ({ file, line, column, message }: TemplateNote) => `${file}:${line}:${column}: ${message}`;

const byPlace = (a: TemplateNote, b: TemplateNote) =>
  a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1;
