import { afterEach, beforeEach, expect, it } from 'vitest';
import { seededBytes } from '../../../tests/scenarios/support/random.ts';
import { type RangeOrigin, startRangeOrigin } from '../../../tests/scenarios/support/range-origin.ts';
import type { FileHandleLike } from './browser/file-handle-target.ts';
import { download } from './download.ts';

const BYTES = seededBytes(5, 50_000);

let origin: RangeOrigin;
beforeEach(async () => {
  origin = await startRangeOrigin({ '/a%20file.bin': { bytes: BYTES, etag: '"one"' } });
});
afterEach(() => origin.close());

const url = () => `${origin.url}/a%20file.bin`;
const bytesOf = async (blob: Blob) => new Uint8Array(await blob.arrayBuffer());

/** A file as browsers keep one: what is written shows when it is closed. */
class TestFile implements FileHandleLike {
  content: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  aborted = 0;

  async createWritable(): ReturnType<FileHandleLike['createWritable']> {
    let written = new Uint8Array(0);
    return {
      write: async ({ position, data }) => {
        const larger = new Uint8Array(Math.max(written.byteLength, position + data.byteLength));
        larger.set(written);
        larger.set(data, position);
        written = larger;
      },
      close: async () => {
        this.content = written;
      },
      abort: async () => {
        this.aborted += 1;
      },
    };
  }

  async getFile(): Promise<Blob> {
    return new Blob([this.content]);
  }
}

it('keeps an object in memory where there is no disk', async () => {
  const { blob, fileName, mode } = await download(url(), { rangeSizeBytes: 9_000 });
  expect(await bytesOf(blob)).toEqual(BYTES);
  expect({ fileName, mode }).toEqual({ fileName: 'a file.bin', mode: 'ranges' });
});

it('keeps one of unknown size there, too', async () => {
  origin.intercept = (request, response) => {
    if (request.method === 'HEAD') return false;
    response.writeHead(200).end(BYTES);
    return true;
  };
  const { blob } = await download(url(), { acceptUnknownLength: true });
  expect(await bytesOf(blob)).toEqual(BYTES);
});

it('refuses more than its limit, before it comes', async () => {
  const pending = download(url(), { memoryLimitBytes: 49_999, rangeSizeBytes: 9_000 });
  await expect(pending).rejects.toMatchObject({ code: 'TooLargeForMemory' });
  expect(origin.requests.filter((line) => line.startsWith('GET'))).toEqual(['GET bytes=0-8999']);
});

it('writes to a file that the user chose, at offsets', async () => {
  const destination = new TestFile();
  const { blob } = await download(url(), { destination, rangeSizeBytes: 9_000 });
  expect(destination.content).toEqual(BYTES);
  expect(await bytesOf(blob)).toEqual(BYTES);
});

it('leaves the file as it was when it fails, and empty when the checksum is wrong', async () => {
  const destination = new TestFile();
  destination.content = new Uint8Array([1, 2, 3]);
  origin.intercept = (request, response) => {
    if (request.headers.range !== 'bytes=45000-49999') return false;
    response.writeHead(403).end();
    return true;
  };
  const options = { destination, rangeSizeBytes: 9_000 };
  await expect(download(url(), options)).rejects.toMatchObject({ code: 'Refused', status: 403 });
  expect([...destination.content]).toEqual([1, 2, 3]);

  origin.intercept = undefined;
  const checksum = { algorithm: 'crc64nvme', hex: '0000000000000000' } as const;
  await expect(download(url(), { ...options, checksum })).rejects.toMatchObject({ code: 'DigestMismatch' });
  expect(destination.content.byteLength).toBe(0);
});

it('says what options cannot be', async () => {
  await expect(download(url(), { rangeSizeBytes: 0 })).rejects.toThrow(TypeError);
  await expect(download(url(), { checksum: { algorithm: 'sha-256', hex: 'abc' } })).rejects.toThrow('no sha-256');
  await expect(download(url(), { destination: 'opfs' })).rejects.toThrow('there is no opfs here');
});
