import { Socket } from 'node:net';
import { ioBuffer } from '../io-buffer.ts';

/** Told of each read, whose bytes are valid until the next one; false to read no more before `resume()`. */
export type OnRead = (bytes: Uint8Array) => boolean;

/** What Node.js has in every socket and does not document. */
interface SocketHandle {
  readonly useUserBuffer?: unknown;
}

/**
 * A connection that was just accepted, as a socket that reads into one buffer of `readBytes`. Node.js offers that (`onread`) to sockets
 * that connect, not to those that a server accepts: each read of theirs makes a new buffer of 64 KiB. So the connection moves to
 * a socket that we make. Where Node.js should come to keep its handle elsewhere, it stays where it is, and is read as ever.
 */
export function oneBufferSocket(accepted: Socket, readBytes: number, onRead: OnRead): Socket {
  const handle: SocketHandle | undefined = Reflect.get(accepted, '_handle');
  if (typeof handle?.useUserBuffer !== 'function') return manyBufferSocket(accepted, onRead);
  const callback = (bytes: number, buffer: Uint8Array) => onRead(buffer.subarray(0, bytes));
  const options = { handle, allowHalfOpen: true, onread: { buffer: ioBuffer(readBytes), callback } };
  const socket = new Socket(options as object);
  Reflect.set(accepted, '_handle', null);
  // An empty shell now, by which its server counts connections.
  return socket.once('close', () => accepted.destroy());
}

function manyBufferSocket(accepted: Socket, onRead: OnRead): Socket {
  return accepted.on('data', (bytes) => onRead(bytes) || accepted.pause());
}
