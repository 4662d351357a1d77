import { type FileHandleLike, FileHandleTarget } from './browser/file-handle-target.ts';
import { MemoryTarget } from './browser/memory-target.ts';
import { type Destination, fetchObject } from './fetch-object.ts';
import { settingsOf, type TransferOptions } from './options.ts';
import type { Summary } from './progress.ts';
import type { Source } from './source.ts';
import type { Target } from './target.ts';

/** Most that is kept in memory unless more is allowed: 256 MiB. */
export const MEMORY_LIMIT_BYTES = 268_435_456;

export interface DownloadOptions extends TransferOptions {
  /**
   * A file that the user chose (`showSaveFilePicker()` gives its `FileSystemFileHandle`), `opfs` for one of the page's own on disk, or `memory`. Default: `opfs` where
   * the browser has it, else `memory`.
   */
  readonly destination?: FileHandleLike | 'opfs' | 'memory';
  /** An object larger than this is refused where there is no disk. Default 256 MiB. */
  readonly memoryLimitBytes?: number;
}

export interface Download extends Summary {
  /** The server's name, made safe: for `<a download>`. */
  readonly fileName: string;
  /** The object. On disk, but for `memory`: reading it is left to whom it is given to. */
  readonly blob: Blob;
  /** Removes the page's own file (`opfs`). Else it does nothing. */
  remove(): Promise<void>;
}

/**
 * Downloads in parallel ranges, in a browser or anywhere with `fetch`. Streams to disk where the browser can, and never under a file's
 * own name before all is there. A cut is resumed within the call; nothing is kept for another one (`@spillway/client/node` does that).
 * Of another origin a page reads only what Access-Control-Expose-Headers lists: Content-Range, ETag, Content-Length, Repr-Digest,
 * Content-Disposition; without them there are no ranges, no check, no name.
 * @throws DownloadError, the reason of `signal`, or the browser's own error for the file
 */
export async function download(url: string | URL, options: DownloadOptions = {}): Promise<Download> {
  const settings = settingsOf(options);
  const place = await openPlace(options);
  try {
    const { source, summary } = await fetchObject(new URL(url, browser.location?.href).href, settings, place);
    const blob = await place.finish(summary.sizeBytes);
    return { ...summary, fileName: source.fileName, blob, remove: place.remove };
  } catch (error) {
    await place.abandon();
    throw error;
  }
}

interface Place extends Destination {
  finish(sizeBytes: number): Promise<Blob>;
  abandon(): Promise<void>;
  remove(): Promise<void>;
}

async function openPlace(options: DownloadOptions): Promise<Place> {
  const { destination, memoryLimitBytes = MEMORY_LIMIT_BYTES } = options;
  const storage = hasOwnFiles() ? browser.navigator?.storage : undefined;
  if (destination === 'memory') return memoryPlace(memoryLimitBytes);
  if (destination !== undefined && destination !== 'opfs') return filePlace(destination, async () => {});
  if (storage !== undefined) return ownFilePlace(await storage.getDirectory());
  if (destination === undefined) return memoryPlace(memoryLimitBytes);
  throw new TypeError('destination: there is no opfs here');
}

async function ownFilePlace(directory: OwnDirectory): Promise<Place> {
  const name = `spillway-${crypto.randomUUID()}`;
  return filePlace(await directory.getFileHandle(name, { create: true }), () => directory.removeEntry(name));
}

/** What is used of a page's own directory (OPFS). */
interface OwnDirectory {
  getFileHandle(name: string, options: { readonly create: boolean }): Promise<FileHandleLike>;
  removeEntry(name: string): Promise<void>;
}

/** What only browsers have. */
const browser = globalThis as unknown as {
  readonly location?: { readonly href: string };
  readonly navigator?: { readonly storage?: { getDirectory(): Promise<OwnDirectory> } };
  readonly FileSystemFileHandle?: { readonly prototype: object };
};

/** The page's own disk, with writes at offsets: Chromium 86, Firefox 111, Safari 26. */
const hasOwnFiles = (): boolean =>
  browser.navigator?.storage !== undefined && 'createWritable' in (browser.FileSystemFileHandle?.prototype ?? {});

function memoryPlace(limitBytes: number): Place {
  let target: MemoryTarget | undefined;
  return {
    earlier: undefined,
    open: async ({ sizeBytes }: Source): Promise<Target> => {
      target = new MemoryTarget(sizeBytes, limitBytes);
      return target;
    },
    finish: async (sizeBytes) => target?.toBlob(sizeBytes) ?? new Blob([]),
    abandon: async () => {},
    remove: async () => {},
  };
}

function filePlace(handle: FileHandleLike, remove: () => Promise<void>): Place {
  const target = new FileHandleTarget(handle);
  return {
    earlier: undefined,
    open: async () => {
      await target.reset();
      return target;
    },
    finish: () => target.close(),
    abandon: async () => {
      await target.abort();
      await remove();
    },
    remove,
  };
}
