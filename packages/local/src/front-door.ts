import type { IncomingMessage, ServerResponse } from 'node:http';
import { admin } from './admin.ts';
import type { Services } from './deploy-stack.ts';
import { findService, type ServiceName } from './find-service.ts';
import { refuse } from './refuse.ts';

/** What is asked of a call before its service has it. @throws AwsError */
type Check = (request: IncomingMessage, service: ServiceName) => Promise<IncomingMessage>;

type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Hands each request on the one port to its service. Requests that come before the services are up wait for them. */
export class FrontDoor {
  readonly #waiting: (() => void)[] = [];
  #handles: Readonly<Record<ServiceName, Handle>> | undefined;
  #isShut = false;
  readonly #check: Check | undefined;

  /** `check` is asked of each call that is let in at all; it may give another request in its place. */
  constructor(check?: Check) {
    this.#check = check;
  }

  open({ gateway, iam, lambda, origin }: Services): void {
    this.#handles = {
      gateway: (request, response) => gateway.handle(request, response),
      lambda: (request, response) => lambda.handle(request, response),
      iam: (request, response) => iam.handle(request, response),
      admin: (request, response) => admin(request, response, lambda),
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
      const service = findService(request);
      const checked = this.#check === undefined ? request : await this.#check(request, service);
      await handles[service](checked, response);
    } catch (error) {
      await refuse(response, error);
    }
  }
}
