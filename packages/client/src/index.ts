export { CHECKSUM_ALGORITHMS, type Checksum, type ChecksumAlgorithm } from './checksum.ts';
export { type Download, type DownloadOptions, download, MEMORY_LIMIT_BYTES } from './download.ts';
export { DownloadError, type DownloadErrorCode } from './download-error.ts';
export { RANGE_SIZE_BYTES, type TransferOptions } from './options.ts';
export type { DownloadEvent, Summary, TransferMode } from './progress.ts';
