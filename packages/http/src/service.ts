import type { IncomingMessage, ServerResponse } from 'node:http';

/** What every `start*()` gives back. Only the local package listens; it hands each service the requests that are its own. */
export interface Service {
  /** Answers one request. Settles when the response has ended or the client has left; never rejects. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Ends what the service started; waits for it. */
  close(): Promise<void>;
}
