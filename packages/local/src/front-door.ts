import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsError } from '@spillway/wire';
import { admin, sendJson } from './admin.ts';
import type { Services } from './deploy-stack.ts';
import { findService, type ServiceName } from './find-service.ts';

type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Hands each request on the one port to its service. Requests that come before the services are up wait for them. */
export class FrontDoor {
  readonly #waiting: (() => void)[] = [];
  #handles: Readonly<Record<ServiceName, Handle>> | undefined;

  open({ gateway, lambda, origin }: Services): void {
    this.#handles = {
      gateway: (request, response) => gateway.handle(request, response),
      logs: (request, response) => lambda.handle(request, response),
      admin: (request, response) => admin(request, response, lambda.functions()),
      origin: (request, response) => origin.handle(request, response),
    };
    for (const go of this.#waiting.splice(0)) go();
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const handles = this.#handles;
    if (handles === undefined) {
      this.#waiting.push(() => this.handle(request, response));
      return;
    }
    void this.#pass(handles, request, response);
  }

  async #pass(handles: Readonly<Record<ServiceName, Handle>>, request: IncomingMessage, response: ServerResponse) {
    try {
      await handles[findService(request)](request, response);
    } catch (error) {
      await refuse(request, response, error);
    }
  }
}

/** An answer for what reaches no service. The connection ends: the body was not read. */
async function refuse(request: IncomingMessage, response: ServerResponse, error: unknown): Promise<void> {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const { status, code, message } = error instanceof AwsError ? error : new AwsError('InternalError', { cause: error });
  response.setHeader('Connection', 'close');
  response.setHeader('x-amzn-ErrorType', code);
  await sendJson(response, status, { __type: code, message });
  request.destroy();
}
