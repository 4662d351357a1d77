import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AwsError, NamedTurns } from '@spillway/wire';
import { Bucket } from './bucket.ts';

/** The account's buckets, each a directory of its name. */
export class Buckets {
  readonly #directory: string;
  readonly #buckets = new Map<string, Bucket>();
  readonly #turns = new NamedTurns();

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** Loads what is there, and removes what a crash left. */
  static async load(directory: string): Promise<Buckets> {
    const buckets = new Buckets(join(directory, 'buckets'));
    await mkdir(buckets.#directory, { recursive: true });
    for (const name of await readdir(buckets.#directory)) {
      const path = join(buckets.#directory, name);
      const bucket = await Bucket.load(path, name);
      if (bucket === undefined) await rm(path, { recursive: true, force: true });
      else buckets.#buckets.set(name, bucket);
    }
    return buckets;
  }

  has(bucketName: string): boolean {
    return this.#buckets.has(bucketName);
  }

  /** @throws AwsError `NoSuchBucket`. */
  get(bucketName: string): Bucket {
    const bucket = this.#buckets.get(bucketName);
    if (bucket === undefined) throw new AwsError('NoSuchBucket', { details: { BucketName: bucketName } });
    return bucket;
  }

  /** By name. */
  all(): readonly Bucket[] {
    return [...this.#buckets.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** Does nothing when there is one of that name. @throws AwsError `InvalidBucketName`. */
  async create(bucketName: string): Promise<void> {
    if (!isBucketName(bucketName)) {
      throw new AwsError('InvalidBucketName', { details: { BucketName: bucketName } });
    }
    await this.#turns.run(bucketName, async () => {
      if (this.#buckets.has(bucketName)) return;
      this.#buckets.set(bucketName, await Bucket.create(join(this.#directory, bucketName), bucketName));
    });
  }

  /** @throws AwsError `NoSuchBucket`, `BucketNotEmpty`. */
  async delete(bucketName: string): Promise<void> {
    await this.#turns.run(bucketName, async () => {
      const bucket = this.get(bucketName);
      if (!bucket.isEmpty) throw new AwsError('BucketNotEmpty', { details: { BucketName: bucketName } });
      this.#buckets.delete(bucketName);
      await bucket.destroy();
    });
  }
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
function isBucketName(name: string): boolean {
  return (
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
    !name.includes('..') &&
    !/^\d+\.\d+\.\d+\.\d+$/.test(name) &&
    !/^(xn--|sthree-|amzn-s3-demo-)/.test(name) &&
    !/(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/.test(name)
  );
}
