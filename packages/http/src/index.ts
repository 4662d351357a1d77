export type { ChunkSignatures } from './chunk-signatures.ts';
export { CredentialStore, type Credentials } from './credentials.ts';
export { ioBuffer } from './io-buffer.ts';
export { type Listener, type ListenOptions, LOOPBACK_ADDRESS, listen } from './listen.ts';
export { parseTarget, percentDecode, type RequestTarget, requestTarget } from './request-target.ts';
export {
  type FoundOperation,
  findRestOperation,
  type RestOperation,
  readJson,
  restQuery,
  sendJson,
  sendRestError,
} from './rest-operations.ts';
export { ClientLeft, clientSignal, type HttpResponse, type SendResult, send, sendBytes } from './send.ts';
export type { Service } from './service.ts';
export type { VerifyOptions } from './signed-request.ts';
export { type ToBodyOptions, toBody } from './to-body.ts';
export type { VerifyHeaderOptions } from './verify-claimed-signature.ts';
export { verifyHeaderSignature, verifyUploadSignature } from './verify-header-signature.ts';
export { verifyQuerySignature } from './verify-query-signature.ts';
export { hasQuerySignature, type Signature, verifySignature } from './verify-signature.ts';
export { isOurHost, refuseCrossSite, refuseForeignHost } from './who-may-call.ts';
