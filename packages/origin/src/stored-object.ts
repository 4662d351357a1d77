import type { ChecksumAlgorithm } from './checksum.ts';

/** A whole data file that is a part of an object; it never changes. */
export interface Segment {
  readonly dataId: string;
  readonly sizeBytes: number;
}

export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64 of the big-endian value; a composite one ends in `-{number of parts}`. */
  readonly value: string;
  readonly type: 'FULL_OBJECT' | 'COMPOSITE';
}

/** One version of an object, as its metadata file has it. */
export interface StoredObject {
  readonly key: string;
  /** In order. More than one after a multipart upload. */
  readonly segments: readonly Segment[];
  readonly sizeBytes: number;
  /** Without quotes. */
  readonly eTag: string;
  /** Whole seconds, since HTTP dates know no more. */
  readonly lastModifiedMs: number;
  /** As they are sent back: `Content-Type`, `x-amz-meta-…`. One character is one byte. */
  readonly headers: Readonly<Record<string, string>>;
  readonly checksum?: Checksum;
  readonly tags?: Readonly<Record<string, string>>;
}
