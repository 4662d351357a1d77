import { connect, type Socket } from 'node:net';
import { ioBuffer, LentBody } from '@spillway/http/http1';
import { type AppResponseHead, AppResponseReader } from './app-response-reader.ts';

/** What one read of the connection brings at most. Few large reads into one buffer cost a fraction of many small ones into new ones. */
const READ_BYTES = 524_288;

/** As AWS's HTTP client reads at most. */
const MAX_HEADER_BYTES = 417_792;

/** An answer whose body is read as it is asked for. */
export interface AppResponse extends AppResponseHead {
  /** A piece is valid until the next one is asked for. @throws Error when the app breaks off. */
  readonly body: AsyncIterable<Uint8Array>;
  /** No more is wanted. */
  destroy(): void;
}

/** Where the app is. */
export interface AppAddress {
  readonly host: string;
  readonly port: number;
}

interface Exchange {
  readonly reader: AppResponseReader;
  readonly body: LentBody;
  readonly resolve: (response: AppResponse) => void;
  readonly reject: (error: Error) => void;
  mayStay: boolean;
}

/** One connection to the web app: one request after the other. */
export class AppConnection {
  readonly #socket: Socket;
  readonly #onFree: (connection: AppConnection) => void;
  #exchange: Exchange | undefined;
  #isConnected = false;

  /** `onFree` is told when an answer was read to its end, and another request may follow. */
  constructor(address: AppAddress, onFree: (connection: AppConnection) => void) {
    this.#onFree = onFree;
    const callback = (bytes: number, buffer: Uint8Array) => this.#onRead(buffer.subarray(0, bytes));
    this.#socket = connect({ ...address, noDelay: true, onread: { buffer: ioBuffer(READ_BYTES), callback } });
    this.#socket.on('connect', () => {
      this.#isConnected = true;
    });
    this.#socket.on('error', (error) => this.#onError(error));
    this.#socket.on('end', () => this.#onClose());
    this.#socket.on('close', () => this.#onClose());
  }

  /** It was made, whatever became of it then. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed && this.#socket.readable && this.#socket.writable;
  }

  /** Settles at the head of the answer. @throws Error when the connection fails before, or brings something else. */
  send(method: string, request: readonly Uint8Array[]): Promise<AppResponse> {
    return new Promise((resolve, reject) => {
      const body = new LentBody(() => this.#socket.resume());
      const reader = new AppResponseReader({
        method,
        maxHeaderBytes: MAX_HEADER_BYTES,
        onHead: (head) => resolve({ ...head, body: this.#body(exchange), destroy: () => this.#leave(exchange) }),
        onBody: (piece) => body.add(piece),
        onEnd: (mayStay) => this.#onEnd(exchange, mayStay),
      });
      const exchange: Exchange = { reader, body, resolve, reject, mayStay: false };
      this.#exchange = exchange;
      this.#socket.cork();
      for (const part of request) this.#socket.write(part);
      this.#socket.uncork();
      this.#socket.resume();
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  /** False: no more is read before what came was taken. */
  #onRead(bytes: Uint8Array): boolean {
    const exchange = this.#exchange;
    if (exchange === undefined) {
      this.#socket.destroy();
      return false;
    }
    try {
      exchange.reader.read(bytes);
    } catch (error) {
      this.#fail(exchange, error as Error);
      return false;
    }
    return !exchange.body.isInUse;
  }

  async *#body(exchange: Exchange): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* exchange.body;
      this.#release(exchange);
    } finally {
      this.#leave(exchange);
    }
  }

  #onEnd(exchange: Exchange, mayStay: boolean): void {
    exchange.mayStay = mayStay;
    exchange.body.end();
    if (!exchange.body.isInUse) this.#release(exchange);
  }

  /** The answer was taken to its end: its last pieces lie in the buffer no more. */
  #release(exchange: Exchange): void {
    if (this.#exchange !== exchange) return;
    this.#exchange = undefined;
    if (!exchange.mayStay || !this.isOpen) {
      this.#socket.destroy();
      return;
    }
    this.#socket.resume();
    this.#onFree(this);
  }

  /** A body that ends with its connection is whole; any other is broken. */
  #onClose(): void {
    const exchange = this.#exchange;
    if (exchange === undefined) this.#socket.destroy();
    else if (exchange.body.isOpen && !exchange.reader.close()) {
      this.#fail(exchange, new Error('connection closed before message completed'));
    }
  }

  /** A reset is no end, of whatever body. */
  #onError(error: Error): void {
    const exchange = this.#exchange;
    if (exchange?.body.isOpen) this.#fail(exchange, error);
  }

  #fail(exchange: Exchange, error: Error): void {
    exchange.body.fail(error);
    if (this.#exchange === exchange) this.#exchange = undefined;
    exchange.reject(error);
    this.#socket.destroy();
  }

  #leave(exchange: Exchange): void {
    if (this.#exchange === exchange) this.#fail(exchange, new Error('the response is no longer wanted'));
  }
}
