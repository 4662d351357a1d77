import type { FileHandle } from 'node:fs/promises';
import { AwsError, type Body } from '@spillway/wire';
import type { DataFiles } from './data-files.ts';
import { readBuffers } from './read-buffers.ts';
import type { Segment } from './stored-object.ts';

/** Bytes `start` to `end`, both inclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** An object that is being read. Its files stay until `close()`, whoever replaces it meanwhile. */
export interface OpenObject {
  readonly body: Body;
  close(): Promise<void>;
}

interface Slice {
  readonly segment: Segment;
  readonly position: number;
  readonly sizeBytes: number;
}

/** Opens what `range` covers of these segments, the first file at once, so that one that is gone is known before the response's head. */
export async function openObject(
  files: DataFiles,
  segments: readonly Segment[],
  range: ByteRange,
): Promise<OpenObject> {
  const slices = slicesOf(segments, range);
  const kept = slices.map(({ segment }) => segment);
  files.retain(kept);
  let first: FileHandle | undefined;
  const close = async () => {
    await first?.close();
    first = undefined;
    await files.release(kept);
  };
  const openNext = async ({ segment }: Slice) => {
    const file = first ?? (await files.open(segment.dataId));
    first = undefined;
    return file;
  };
  try {
    if (slices[0] !== undefined) first = await files.open(slices[0].segment.dataId);
  } catch (error) {
    await close();
    throw error;
  }
  return { body: read(slices, openNext), close };
}

function slicesOf(segments: readonly Segment[], { start, end }: ByteRange): Slice[] {
  const slices: Slice[] = [];
  let offset = 0;
  for (const segment of segments) {
    const position = Math.max(0, start - offset);
    const sizeBytes = Math.min(segment.sizeBytes, end + 1 - offset) - position;
    if (sizeBytes > 0) slices.push({ segment, position, sizeBytes });
    offset += segment.sizeBytes;
  }
  return slices;
}

async function* read(
  slices: readonly Slice[],
  openFile: (slice: Slice) => Promise<FileHandle>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const lease = readBuffers.lease();
  // The first read is small, so that the first byte of many streams at once does not wait for a megabyte of each other's.
  let wantedBytes = 1;
  try {
    for (const slice of slices) {
      const file = await openFile(slice);
      try {
        let { position, sizeBytes } = slice;
        while (sizeBytes > 0) {
          const buffer = lease.buffer(Math.min(sizeBytes, wantedBytes));
          wantedBytes = Number.POSITIVE_INFINITY;
          const { bytesRead } = await file.read(buffer, 0, Math.min(sizeBytes, buffer.byteLength), position);
          if (bytesRead === 0) throw truncated(slice);
          position += bytesRead;
          sizeBytes -= bytesRead;
          yield buffer.subarray(0, bytesRead);
        }
      } finally {
        await file.close();
      }
    }
  } finally {
    lease.release();
  }
}

const truncated = ({ segment }: Slice) =>
  new AwsError('InternalError', {
    message: `The data file ${segment.dataId} of the local store is shorter than its ${segment.sizeBytes} bytes.`,
    advice: 'Something else changed the state directory. Store the object again.',
  });
