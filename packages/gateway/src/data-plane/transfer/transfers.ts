import type { ResponseTransferMode } from '@spillway/wire';
import { buffered } from './buffered.ts';
import { stream } from './stream.ts';
import type { Transfer } from './transfer.ts';

/** The one place where the response transfer mode decides. */
export const transfers: Readonly<Record<ResponseTransferMode, Transfer>> = { BUFFERED: buffered, STREAM: stream };
