export type { Allowed, AuthorizationRequest, Authorize, Refused } from './authorization.ts';
export { type BreakReason, BrokenResponse } from './broken-response.ts';
export { contentDisposition, type DispositionType } from './content-disposition.ts';
export { createDownloadHandler, type DownloadHandler } from './create-download-handler.ts';
export type { DownloadRecord, Outcome } from './download-record.ts';
export type { ApiGatewayEvent, AuthorizerContext, InvocationContext } from './download-request.ts';
export {
  type DownloadHandlerOptions,
  type DownloadSettings,
  downloadSettings,
  type TooLargePolicy,
} from './download-settings.ts';
export { optionsFromEnvironment } from './environment-options.ts';
export { fileName } from './file-name.ts';
export { HttpObjectStore, type HttpObjectStoreOptions } from './object-store/http-object-store.ts';
export {
  type ChecksumAlgorithm,
  type Checksums,
  type ObjectMetadata,
  type ObjectRead,
  type ObjectStore,
  type OpenObject,
  type PresignOptions,
  StoreError,
  type StoreErrorReason,
} from './object-store/object-store.ts';
export { S3ObjectStore, type S3ObjectStoreOptions } from './object-store/s3-object-store.ts';
export type { RangeSpec } from './range.ts';
export { type DownloadResponse, respond } from './respond.ts';
export type { StorePatience } from './store-attempt.ts';
