import { bodyOf } from '@spillway/wire';
import {
  type ObjectMetadata,
  type ObjectRead,
  type ObjectStore,
  type OpenObject,
  StoreError,
} from '../object-store/object-store.ts';
import { resolveRange } from '../range.ts';

/** One object, answered as S3 does: If-Match, 416 for what is not there, the whole for a suffix of an empty object. */
export class MemoryStore implements ObjectStore {
  bytes: Uint8Array;
  metadata: ObjectMetadata;
  readonly reads: ObjectRead[] = [];
  heads = 0;
  /** The only key that there is; any without it. */
  key: string | undefined;

  constructor(bytes: Uint8Array, metadata: ObjectMetadata = {}) {
    this.bytes = bytes;
    this.metadata = metadata;
  }

  async head(key: string): Promise<ObjectMetadata> {
    this.heads += 1;
    this.#find(key);
    return { ...this.metadata, sizeBytes: this.bytes.byteLength };
  }

  async get(read: ObjectRead): Promise<OpenObject> {
    this.reads.push(read);
    this.#find(read.key);
    const sizeBytes = this.bytes.byteLength;
    if (read.ifMatch !== undefined && read.ifMatch !== this.metadata.eTag) throw new StoreError('changed', '412');
    const isWhole = read.range === undefined || (sizeBytes === 0 && 'suffixBytes' in read.range);
    const range = read.range && resolveRange(read.range, sizeBytes);
    if (!isWhole && range === undefined) throw new StoreError('unsatisfiable', '416');
    const sent = isWhole || range === undefined ? { first: 0, last: sizeBytes - 1 } : range;
    return {
      metadata: { ...this.metadata, sizeBytes, ...(isWhole ? {} : { checksums: undefined }) },
      range: sent,
      isPartial: !isWhole,
      body: bodyOf(this.bytes.slice(sent.first, sent.last + 1)),
    };
  }

  #find(key: string): void {
    if (this.key !== undefined && key !== this.key) throw new StoreError('missing', '404');
  }
}
