import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AwsError, NamedTurns } from '@spillway/wire';
import type { ChecksumAlgorithm } from './checksum.ts';
import type { DataFiles } from './data-files.ts';
import { readJson, syncDirectory, TEMPORARY_SUFFIX, writeDurably } from './durable-file.ts';
import type { Checksum, Segment } from './stored-object.ts';

/** What CreateMultipartUpload was told. */
export interface MultipartUpload {
  readonly uploadId: string;
  readonly key: string;
  readonly initiatedMs: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly checksumAlgorithm: ChecksumAlgorithm;
  readonly checksumType: Checksum['type'];
  /** The client named the algorithm, so each part must have its checksum. */
  readonly checksumRequired: boolean;
}

export interface UploadedPart {
  readonly partNumber: number;
  readonly segment: Segment;
  readonly eTag: string;
  /** Base64. */
  readonly checksum: string;
  readonly lastModifiedMs: number;
}

/** The multipart uploads of a bucket that are neither completed nor aborted: a directory each, with `upload.json` and a file a part. */
export class MultipartUploads {
  readonly #directory: string;
  readonly #data: DataFiles;
  readonly #uploads = new Map<string, { upload: MultipartUpload; parts: Map<number, UploadedPart> }>();
  readonly #turns = new NamedTurns();

  constructor(directory: string, data: DataFiles) {
    this.#directory = directory;
    this.#data = data;
  }

  /** Loads what is there; an upload that a crash left behind its completed object goes. Returns the segments of all parts. */
  async load(dataIdsOfObjects: ReadonlySet<string>): Promise<readonly Segment[]> {
    const segments: Segment[] = [];
    for (const uploadId of await readdir(this.#directory)) {
      const path = join(this.#directory, uploadId);
      const upload = readJson<MultipartUpload>(join(path, 'upload.json'));
      const parts = upload === undefined ? [] : await loadParts(path);
      if (upload === undefined || parts.some(({ segment }) => dataIdsOfObjects.has(segment.dataId))) {
        await rm(path, { recursive: true, force: true });
        continue;
      }
      this.#uploads.set(uploadId, { upload, parts: new Map(parts.map((part) => [part.partNumber, part])) });
      segments.push(...parts.map(({ segment }) => segment));
    }
    return segments;
  }

  async create(upload: Omit<MultipartUpload, 'uploadId'>): Promise<MultipartUpload> {
    const created = { ...upload, uploadId: randomBytes(32).toString('base64url') };
    const path = join(this.#directory, created.uploadId);
    await mkdir(path);
    await writeDurably(join(path, 'upload.json'), JSON.stringify(created));
    await syncDirectory(this.#directory);
    this.#uploads.set(created.uploadId, { upload: created, parts: new Map() });
    return created;
  }

  /** @throws AwsError `NoSuchUpload`, for another key too. */
  get(uploadId: string, key: string): MultipartUpload {
    return this.#find(uploadId, key).upload;
  }

  /** In the order of their keys, then of their begin. */
  all(): readonly MultipartUpload[] {
    const uploads = [...this.#uploads.values()].map(({ upload }) => upload);
    return uploads.sort(
      (one, other) =>
        Buffer.compare(Buffer.from(one.key), Buffer.from(other.key)) || one.initiatedMs - other.initiatedMs,
    );
  }

  /** By number. @throws AwsError `NoSuchUpload`. */
  parts(uploadId: string, key: string): readonly UploadedPart[] {
    return [...this.#find(uploadId, key).parts.values()].sort((one, other) => one.partNumber - other.partNumber);
  }

  /** Replaces the part of that number. Its segment is removed when the upload is gone. */
  async putPart({ uploadId, key }: MultipartUpload, part: UploadedPart): Promise<void> {
    await this.#turns.run(uploadId, async () => {
      try {
        const { parts } = this.#find(uploadId, key);
        const replaced = parts.get(part.partNumber);
        await writeDurably(join(this.#directory, uploadId, `${part.partNumber}.json`), JSON.stringify(part));
        parts.set(part.partNumber, part);
        if (replaced !== undefined) await this.#data.discard([replaced.segment]);
      } catch (error) {
        await this.#data.discard([part.segment]);
        throw error;
      }
    });
  }

  /** Hands the upload's parts to `commit`, which makes an object of some of them and returns their segments; the others are removed. */
  async complete(
    uploadId: string,
    key: string,
    commit: (upload: MultipartUpload, parts: ReadonlyMap<number, UploadedPart>) => Promise<readonly Segment[]>,
  ): Promise<void> {
    await this.#turns.run(uploadId, async () => {
      const { upload, parts } = this.#find(uploadId, key);
      await this.#remove(uploadId, await commit(upload, parts));
    });
  }

  /** @throws AwsError `NoSuchUpload`. */
  async abort(uploadId: string, key: string): Promise<void> {
    await this.#turns.run(uploadId, async () => {
      this.#find(uploadId, key);
      await this.#remove(uploadId, []);
    });
  }

  async #remove(uploadId: string, used: readonly Segment[]): Promise<void> {
    const parts = this.#uploads.get(uploadId)?.parts ?? new Map<number, UploadedPart>();
    const usedIds = new Set(used.map(({ dataId }) => dataId));
    this.#uploads.delete(uploadId);
    await rm(join(this.#directory, uploadId), { recursive: true, force: true });
    await syncDirectory(this.#directory);
    const unused = [...parts.values()].map(({ segment }) => segment).filter(({ dataId }) => !usedIds.has(dataId));
    await this.#data.discard(unused);
  }

  #find(uploadId: string, key: string) {
    const found = this.#uploads.get(uploadId);
    if (found === undefined || found.upload.key !== key) {
      throw new AwsError('NoSuchUpload', { details: { UploadId: uploadId } });
    }
    return found;
  }
}

async function loadParts(path: string): Promise<UploadedPart[]> {
  const parts: UploadedPart[] = [];
  for (const name of await readdir(path)) {
    if (name.endsWith(TEMPORARY_SUFFIX)) await rm(join(path, name), { force: true });
    else if (name !== 'upload.json') parts.push(readJson<UploadedPart>(join(path, name)) as UploadedPart);
  }
  return parts;
}
