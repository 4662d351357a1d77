import { createHash } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ACCOUNT_ID,
  AwsError,
  type Body,
  NamedTurns,
  type PublicAccessBlockConfiguration,
  UsageError,
} from '@spillway/wire';
import { type BucketPolicy, readBucketPolicy } from './bucket-policy.ts';
import { DataFiles } from './data-files.ts';
import { readJson, syncDirectory, TEMPORARY_SUFFIX, writeDurably } from './durable-file.ts';
import { MultipartUploads } from './multipart-uploads.ts';
import { type ByteRange, type OpenObject, openObject } from './read-object.ts';
import type { Segment, StoredObject } from './stored-object.ts';

/** What `bucket.json` holds. It is written last when a bucket is made, and removed first. */
interface BucketConfiguration {
  readonly version: 1;
  readonly createdMs: number;
  readonly policy?: string;
  readonly publicAccessBlock?: PublicAccessBlockConfiguration;
  readonly tags?: Readonly<Record<string, string>>;
}

const BLOCK_ALL: PublicAccessBlockConfiguration = {
  blockPublicAcls: true,
  ignorePublicAcls: true,
  blockPublicPolicy: true,
  restrictPublicBuckets: true,
};

/**
 * A bucket on a directory: `bucket.json`; `objects/`, a metadata file for each key, named by the key's SHA-256; `data/`, files that never
 * change, named by metadata files; `uploads/`. The one commit point of every change is the rename of a metadata file. All metadata is
 * also held in memory.
 */
export class Bucket {
  readonly name: string;
  readonly uploads: MultipartUploads;
  readonly #directory: string;
  readonly #data: DataFiles;
  readonly #objects = new Map<string, StoredObject>();
  readonly #turns = new NamedTurns();
  #configuration: BucketConfiguration;
  #policy: BucketPolicy | undefined;
  #sortedKeys: readonly string[] | undefined;
  /** Objects that are just being committed. */
  #commits = 0;
  #isDestroyed = false;

  private constructor(directory: string, name: string, configuration: BucketConfiguration) {
    this.name = name;
    this.#directory = directory;
    this.#configuration = configuration;
    this.#data = new DataFiles(join(directory, 'data'));
    this.uploads = new MultipartUploads(join(directory, 'uploads'), this.#data);
    if (configuration.policy !== undefined) this.#policy = readBucketPolicy(configuration.policy, name);
  }

  static async create(directory: string, name: string): Promise<Bucket> {
    await rm(directory, { recursive: true, force: true });
    for (const part of ['objects', 'data', 'uploads']) await mkdir(join(directory, part), { recursive: true });
    const bucket = new Bucket(directory, name, { version: 1, createdMs: Date.now(), publicAccessBlock: BLOCK_ALL });
    await bucket.#configure({});
    await syncDirectory(join(directory, '..'));
    return bucket;
  }

  /** Undefined when the directory holds no bucket: a crash left it half made or half removed. */
  static async load(directory: string, name: string): Promise<Bucket | undefined> {
    const configuration = readJson<BucketConfiguration>(join(directory, 'bucket.json'));
    if (configuration === undefined) return undefined;
    if (configuration.version !== 1) {
      throw new UsageError(`${directory} was written by a newer Spillway. Use that one, or another state directory.`);
    }
    const bucket = new Bucket(directory, name, configuration);
    await bucket.#loadObjects();
    return bucket;
  }

  async #loadObjects(): Promise<void> {
    const directory = join(this.#directory, 'objects');
    const dataIds = new Set<string>();
    for (const fileName of await readdir(directory)) {
      const path = join(directory, fileName);
      if (fileName.endsWith(TEMPORARY_SUFFIX)) {
        await rm(path, { force: true });
        continue;
      }
      const object = readJson<StoredObject>(path);
      if (object === undefined) continue;
      this.#objects.set(object.key, object);
      for (const { dataId } of object.segments) dataIds.add(dataId);
    }
    for (const { dataId } of await this.uploads.load(dataIds)) dataIds.add(dataId);
    await this.#data.removeAllBut(dataIds);
  }

  get createdMs(): number {
    return this.#configuration.createdMs;
  }

  get policy(): BucketPolicy | undefined {
    return this.#policy;
  }

  get publicAccessBlock(): PublicAccessBlockConfiguration | undefined {
    return this.#configuration.publicAccessBlock;
  }

  get tags(): Readonly<Record<string, string>> | undefined {
    return this.#configuration.tags;
  }

  get isEmpty(): boolean {
    return this.#objects.size === 0 && this.#commits === 0;
  }

  /** Whether the caller may read the object of that name, if there is one. */
  mayRead(key: string, caller: 'account' | 'anonymous'): boolean {
    if (this.#policy?.deniesEveryone(key)) return false;
    if (caller === 'account') return true;
    return this.#policy?.allowsEveryone(key) === true && this.publicAccessBlock?.restrictPublicBuckets !== true;
  }

  /** @throws AwsError `AccessDenied` when public policies are blocked, `MalformedPolicy`, `NotImplemented`. */
  async putPolicy(text: string): Promise<BucketPolicy> {
    const policy = readBucketPolicy(text, this.name);
    if (policy.isPublic && this.publicAccessBlock?.blockPublicPolicy) {
      throw new AwsError('AccessDenied', {
        message: `User: arn:aws:iam::${ACCOUNT_ID}:root is not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::${this.name}" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access`,
        advice: 'Lift the block first: PutPublicAccessBlock with BlockPublicPolicy and RestrictPublicBuckets false.',
      });
    }
    await this.#configure({ policy: text });
    this.#policy = policy;
    return policy;
  }

  async deletePolicy(): Promise<void> {
    await this.#configure({ policy: undefined });
    this.#policy = undefined;
  }

  async putPublicAccessBlock(publicAccessBlock: PublicAccessBlockConfiguration | undefined): Promise<void> {
    await this.#configure({ publicAccessBlock });
  }

  async putTags(tags: Readonly<Record<string, string>> | undefined): Promise<void> {
    await this.#configure({ tags });
  }

  #configure(change: { [Name in keyof BucketConfiguration]?: BucketConfiguration[Name] | undefined }): Promise<void> {
    // A slash can't stand in a key's turn: those are named by digests.
    return this.#turns.run('/configuration', async () => {
      const configuration = { ...this.#configuration, ...change } as BucketConfiguration;
      await writeDurably(join(this.#directory, 'bucket.json'), JSON.stringify(configuration));
      this.#configuration = configuration;
    });
  }

  get(key: string): StoredObject | undefined {
    return this.#objects.get(key);
  }

  /** In the order of their UTF-8 bytes. */
  keys(): readonly string[] {
    this.#sortedKeys ??= sortKeys([...this.#objects.keys()]);
    return this.#sortedKeys;
  }

  /** Of this version, which stays readable until it is closed. Call it in the same turn of the event loop as `get`. */
  open({ segments }: StoredObject, range: ByteRange): Promise<OpenObject> {
    return openObject(this.#data, segments, range);
  }

  /** Stores bytes that no object names yet: `put` makes them one, or `discard` removes them. */
  write(body: Body): Promise<Segment> {
    return this.#data.write(body);
  }

  /** Stores the bytes of an object of another bucket: `put` makes them an object, or `discard` removes them. */
  async adopt(other: Bucket, { segments }: StoredObject): Promise<readonly Segment[]> {
    other.#data.retain(segments);
    try {
      return await Promise.all(segments.map((segment) => this.#data.adopt(other.#data, segment)));
    } finally {
      await other.#data.release(segments);
    }
  }

  discard(segments: readonly Segment[]): Promise<void> {
    return this.#data.discard(segments);
  }

  /** Makes `object` the object of its key, if `check` does not throw. Its segments are the caller's as long as that fails. */
  async put(object: StoredObject, check: (current: StoredObject | undefined) => void): Promise<void> {
    const name = metadataName(object.key);
    await this.#turns.run(name, async () => {
      const replaced = this.#objects.get(object.key);
      check(replaced);
      if (this.#isDestroyed) throw new AwsError('NoSuchBucket', { details: { BucketName: this.name } });
      // Until it is done the bucket can't be deleted with an object in it that its client was told is stored.
      this.#commits += 1;
      try {
        await writeDurably(join(this.#directory, 'objects', name), JSON.stringify(object));
        this.#objects.set(object.key, object);
      } finally {
        this.#commits -= 1;
      }
      if (replaced === undefined) this.#sortedKeys = undefined;
      else await this.#data.discard(replaced.segments);
    });
  }

  /** Makes `change` of an object another description of the same bytes. */
  async change(key: string, change: (current: StoredObject | undefined) => StoredObject): Promise<void> {
    const name = metadataName(key);
    await this.#turns.run(name, async () => {
      const changed = change(this.#objects.get(key));
      await writeDurably(join(this.#directory, 'objects', name), JSON.stringify(changed));
      this.#objects.set(key, changed);
    });
  }

  async delete(key: string, check: (current: StoredObject | undefined) => void): Promise<void> {
    const name = metadataName(key);
    await this.#turns.run(name, async () => {
      const deleted = this.#objects.get(key);
      check(deleted);
      if (deleted === undefined) return;
      await rm(join(this.#directory, 'objects', name), { force: true });
      await syncDirectory(join(this.#directory, 'objects'));
      this.#objects.delete(key);
      this.#sortedKeys = undefined;
      await this.#data.discard(deleted.segments);
    });
  }

  /** Removes the bucket and all that is in it. */
  async destroy(): Promise<void> {
    this.#isDestroyed = true;
    await rm(join(this.#directory, 'bucket.json'), { force: true });
    await syncDirectory(this.#directory);
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/** A key as a file name: whatever it holds, it can't leave the directory. */
const metadataName = (key: string) => `${createHash('sha256').update(key).digest('hex')}.json`;

/** JavaScript's own order is by UTF-16 units, where U+FFFF stands behind U+10000. */
function sortKeys(keys: readonly string[]): readonly string[] {
  return keys
    .map((key) => Buffer.from(key))
    .sort(Buffer.compare)
    .map((bytes) => bytes.toString());
}
