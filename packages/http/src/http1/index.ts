export { ioBuffer } from '../io-buffer.ts';
export { LentBody } from './lent-body.ts';
export { contentLength, type Framing, headerValues, isChunked, MessageReader } from './message-reader.ts';
