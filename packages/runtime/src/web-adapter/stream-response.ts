import type { ClientRequest, OutgoingHttpHeaders } from 'node:http';
import {
  PRELUDE_CONTENT_TYPE,
  PRELUDE_DELIMITER,
  RUNTIME_API_HEADERS,
  STREAMING_RESPONSE_MODE,
} from '@spillway/wire/runtime-api';
import type { AdapterOptions } from './adapter-options.ts';
import { answerOf } from './api-client.ts';
import type { AppResponse } from './app-connection.ts';
import { headerMap } from './event/header-map.ts';
import { streamPrelude } from './stream-prelude.ts';

export const STREAM_HEADERS: OutgoingHttpHeaders = {
  'Transfer-Encoding': 'chunked',
  [RUNTIME_API_HEADERS.responseMode]: STREAMING_RESPONSE_MODE,
  Trailer: ['Lambda-Runtime-Function-Error-Type', 'Lambda-Runtime-Function-Error-Body'],
  'Content-Type': PRELUDE_CONTENT_TYPE,
};

const ERROR_TYPE = 'Runtime.StreamError';
const ERROR_MESSAGE = 'error reading a body from connection';

/**
 * Sends the app's answer on as it comes; who reads slowly slows the app down. Settles when Lambda answered, whatever it says; the app
 * is then asked for nothing more. @throws Error when the connection to Lambda broke.
 */
export async function streamResponse(
  call: ClientRequest,
  response: AppResponse,
  failedStream: AdapterOptions['failedStream'],
): Promise<void> {
  call.write(streamPrelude(response.statusCode, headerMap(response.rawHeaders, ['transfer-encoding'])));
  call.write(PRELUDE_DELIMITER);
  const answered = answerOf(call);
  void relay(response, call).then((isWhole) => finish(call, isWhole, failedStream));
  try {
    await answered;
  } finally {
    response.destroy();
    if (!call.writableFinished) call.destroy();
  }
}

/** Settles when no more comes: true at a good end, false when the app broke off. */
async function relay({ body }: AppResponse, call: ClientRequest): Promise<boolean> {
  try {
    for await (const piece of body) {
      if (!(await written(call, piece))) return false;
    }
    return true;
  } catch {
    return false;
  }
}

/** Settles when the connection has taken the piece, whose buffer is used again then: false when there is no connection any more. */
function written(call: ClientRequest, piece: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    if (call.destroyed) return resolve(false);
    const onClose = () => resolve(false);
    call.once('close', onClose);
    call.write(piece, (error) => {
      call.off('close', onClose);
      resolve(!error);
    });
  });
}

function finish(call: ClientRequest, isWhole: boolean, failedStream: AdapterOptions['failedStream']): void {
  if (call.destroyed) return;
  if (!isWhole) FAILURES[failedStream](call);
  call.end();
}

const FAILURES: Readonly<Record<AdapterOptions['failedStream'], (call: ClientRequest) => void>> = {
  // Meant as trailers, but it is a chunk like any other: the client gets it as the last bytes of a response that ends well.
  'as-aws': (call) => {
    const body = Buffer.from(ERROR_MESSAGE).toString('base64');
    call.write(`Lambda-Runtime-Function-Error-Type: ${ERROR_TYPE}\r\nLambda-Runtime-Function-Error-Body: ${body}\r\n`);
  },
  break: (call) => {
    const document = JSON.stringify({ errorType: ERROR_TYPE, errorMessage: ERROR_MESSAGE });
    call.addTrailers({
      [RUNTIME_API_HEADERS.errorType]: ERROR_TYPE,
      [RUNTIME_API_HEADERS.errorBody]: Buffer.from(document).toString('base64'),
    });
  },
};
