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
  #isShut = false;

  open({ gateway, lambda, origin }: Services): void {
    this.#handles = {
      gateway: (request, response) => gateway.handle(request, response),
      logs: (request, response) => lambda.handle(request, response),
      admin: (request, response) => admin(request, response, lambda.functions()),
      origin: (request, response) => origin.handle(request, response),
    };
    for (const go of this.#waiting.splice(0)) go();
  }

  /** From here on no request comes through: the services are about to end. */
  shut(): void {
    this.#isShut = true;
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const handles = this.#handles;
    if (this.#isShut) {
      request.destroy();
      return;
    }
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
      await refuse(response, error);
    }
  }
}

/** An answer for what reaches no service. Node throws away the body of a request that nobody reads. */
async function refuse(response: ServerResponse, error: unknown): Promise<void> {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, code, message } = error instanceof AwsError ? error : new AwsError('InternalError', { cause: error });
  await sendJson(response, status, { __type: code, message }, [['x-amzn-ErrorType', code]]);
}
