import type { DownloadEvent } from '@spillway/client';
import { createLogUpdate } from 'log-update';
import { formatBytes, formatSeconds } from './sizes.ts';

/** What a person sees of a download. */
export interface Display {
  event(event: DownloadEvent): void;
  /** The last word on what was shown; nothing comes after it. */
  end(): void;
}

export const QUIET: Display = { event: () => {}, end: () => {} };

/** A bar on a terminal, a line now and then elsewhere. */
export function openDisplay(stream: NodeJS.WriteStream): Display {
  return stream.isTTY ? new Bar(stream) : new Lines(stream);
}

/** Speed over the last seconds, not since the start: it tells what goes on now. */
class Speed {
  readonly #samples: { readonly atMs: number; readonly doneBytes: number }[] = [];

  add(doneBytes: number): void {
    const atMs = performance.now();
    this.#samples.push({ atMs, doneBytes });
    while (this.#samples.length > 2 && atMs - (this.#samples[0]?.atMs ?? atMs) > 5_000) this.#samples.shift();
  }

  get bytesPerSecond(): number {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined || last.atMs === first.atMs) return 0;
    return Math.max(0, ((last.doneBytes - first.doneBytes) / (last.atMs - first.atMs)) * 1000);
  }
}

type Progress = Extract<DownloadEvent, { readonly type: 'progress' }>;

function progressText({ doneBytes, sizeBytes, concurrency }: Progress, speed: Speed): string {
  const { bytesPerSecond } = speed;
  const of = sizeBytes === undefined ? '' : ` of ${formatBytes(sizeBytes)}`;
  const rest = sizeBytes === undefined || bytesPerSecond === 0 ? undefined : (sizeBytes - doneBytes) / bytesPerSecond;
  const parts = [`${formatBytes(doneBytes)}${of}`, `${formatBytes(bytesPerSecond)}/s`];
  if (concurrency > 1) parts.push(`${concurrency} at once`);
  if (rest !== undefined && rest > 0) parts.push(`${formatSeconds(rest)} left`);
  return parts.join(', ');
}

const percent = ({ doneBytes, sizeBytes }: Progress): number =>
  sizeBytes === undefined ? 0 : sizeBytes === 0 ? 100 : Math.floor((100 * doneBytes) / sizeBytes);

/** What else happens, in one line each; undefined for what is not worth one. */
function messageOf(event: DownloadEvent): string | undefined {
  switch (event.type) {
    case 'source':
      return event.resumedBytes > 0 ? `Going on at ${formatBytes(event.resumedBytes)}.` : undefined;
    case 'fallback':
      return `One stream, no parallel ranges: ${event.reason}.`;
    case 'discarded':
      return `${formatBytes(event.lostBytes)} of the part are no longer what was written there. Fetching them again.`;
    case 'restart':
      return `The object changed: ${event.reason}. Beginning again.`;
    default:
      return undefined;
  }
}

const BAR_WIDTH = 24;

class Bar implements Display {
  readonly #update: ReturnType<typeof createLogUpdate>;
  readonly #speed: Speed = new Speed();
  #note = '';

  constructor(stream: NodeJS.WriteStream) {
    this.#update = createLogUpdate(stream);
  }

  event(event: DownloadEvent): void {
    const message = messageOf(event);
    if (message !== undefined) this.#update.persist(message);
    if (event.type === 'retry') this.#note = `; again in ${formatSeconds(event.delayMs / 1000)}: ${event.reason}`;
    if (event.type === 'verifying') this.#update(`Verifying by ${event.checksum.algorithm}...`);
    if (event.type !== 'progress') return;
    this.#speed.add(event.doneBytes);
    const share = percent(event);
    const full = Math.round((BAR_WIDTH * share) / 100);
    const bar = `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)}`;
    this.#update(`${bar} ${String(share).padStart(3)} %  ${progressText(event, this.#speed)}${this.#note}`);
    this.#note = '';
  }

  end(): void {
    this.#update.clear();
    this.#update.done();
  }
}

const LINE_INTERVAL_MS = 5_000;

class Lines implements Display {
  readonly #stream: NodeJS.WritableStream;
  readonly #speed: Speed = new Speed();
  #printedAtMs: number = performance.now();

  constructor(stream: NodeJS.WritableStream) {
    this.#stream = stream;
  }

  event(event: DownloadEvent): void {
    const message = messageOf(event);
    if (message !== undefined) this.#stream.write(`${message}\n`);
    if (event.type !== 'progress') return;
    this.#speed.add(event.doneBytes);
    if (performance.now() - this.#printedAtMs < LINE_INTERVAL_MS) return;
    this.#printedAtMs = performance.now();
    this.#stream.write(`${percent(event)} %: ${progressText(event, this.#speed)}\n`);
  }

  end(): void {}
}
