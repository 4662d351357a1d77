import { RUNTIME_API_HEADERS, RUNTIME_API_VERSION } from '@spillway/wire/runtime-api';
import { AdapterCrash } from './adapter-crash.ts';
import type { Log } from './adapter-log.ts';
import type { AdapterOptions } from './adapter-options.ts';
import type { Answer, ApiClient } from './api-client.ts';
import { type AppClient, AppRequestError } from './app-client.ts';
import type { AppResponse } from './app-connection.ts';
import { appRequest } from './app-request.ts';
import { bufferedResponse } from './buffered-response.ts';
import { type AppBody, compressed } from './compression.ts';
import { headerMap } from './event/header-map.ts';
import type { HttpEvent } from './event/http-event.ts';
import { readEvent } from './event/read-event.ts';
import { type EnvironmentConfig, type LambdaContext, lambdaContext } from './lambda-context.ts';
import type { Readiness } from './readiness.ts';
import { STREAM_HEADERS, streamResponse } from './stream-response.ts';

const RUNTIME_API = `/${RUNTIME_API_VERSION}/runtime/invocation`;
const BOXED_ERROR = '&alloc::boxed::Box<dyn core::error::Error + core::marker::Send + core::marker::Sync>';
const DESERIALIZE_ERROR = '&lambda_runtime::deserializer::DeserializeError';

export interface AdapterLoopOptions {
  readonly options: AdapterOptions;
  readonly environment: EnvironmentConfig;
  readonly api: ApiClient;
  readonly app: AppClient;
  readonly readiness: Readiness;
  readonly log: Log;
}

/** Asks for events, asks the app for each, one after the other. */
export class AdapterLoop {
  readonly #loop: AdapterLoopOptions;

  constructor(options: AdapterLoopOptions) {
    this.#loop = options;
  }

  /** Never returns. @throws Error when the Runtime API is gone. @throws AdapterCrash when AWS's adapter would panic. */
  async run(): Promise<never> {
    const { api, environment } = this.#loop;
    while (true) {
      const next = await api.get(`${RUNTIME_API}/next`);
      await this.#handle(next, lambdaContext(next.headers, environment));
    }
  }

  async #handle(next: Answer, context: LambdaContext): Promise<void> {
    const log: Log = (level, message) => this.#loop.log(level, `${spanOf(context)}: ${message}`);
    try {
      const event = readEvent(next.body.toString());
      const request = appRequest(event, context, this.#loop.options, log);
      const acceptEncoding = request.headers.get('accept-encoding') ?? [];
      await this.#loop.readiness.atInvocation();
      const response = await this.#loop.app.send(request);
      await this.#respond(event, response, { context, acceptEncoding, log });
    } catch (error) {
      if (error instanceof AppRequestError) await this.#fail(context, BOXED_ERROR, error, log);
      else if (error instanceof SyntaxError) await this.#fail(context, DESERIALIZE_ERROR, notDeserialized(error), log);
      else throw error;
    }
  }

  async #respond(event: HttpEvent, response: AppResponse, invocation: Invocation): Promise<void> {
    const { options, api } = this.#loop;
    const path = `${RUNTIME_API}/${invocation.context.request_id}/response`;
    const status = response.statusCode;
    if (options.isErrorStatus(status)) throw await errorOfStatus(status, response);
    if (options.invokeMode === 'response_stream') {
      const call = api.open('POST', path, STREAM_HEADERS);
      await unlessLost(streamResponse(call, response, options.failedStream), invocation.log);
      return;
    }
    const answer = bufferedResponse(event.kind, { status, ...(await this.#wholeBody(response, invocation)) });
    await unlessLost(api.post(path, answer), invocation.log);
  }

  async #wholeBody(response: AppResponse, { acceptEncoding }: Invocation): Promise<AppBody> {
    const headers = headerMap(response.rawHeaders, []);
    const isSizeKnown = !headers.delete('transfer-encoding');
    const whole = { headers, body: await wholeBody(response), isSizeKnown };
    return this.#loop.options.compression ? await compressed(whole, acceptEncoding) : whole;
  }

  async #fail({ request_id }: LambdaContext, errorType: string, error: Error, log: Log): Promise<void> {
    const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
    log('ERROR', `${error.message}${cause}`);
    const body = Buffer.from(JSON.stringify({ errorType, errorMessage: error.message }));
    const headers = { [RUNTIME_API_HEADERS.errorType]: 'unhandled' };
    await unlessLost(this.#loop.api.post(`${RUNTIME_API}/${request_id}/error`, body, headers), log);
  }
}

interface Invocation {
  readonly context: LambdaContext;
  readonly acceptEncoding: readonly string[];
  readonly log: Log;
}

/** What AWS's adapter puts before the lines of an invocation. */
function spanOf({ request_id, xray_trace_id, tenant_id }: LambdaContext): string {
  const fields = Object.entries({ requestId: request_id, xrayTraceId: xray_trace_id, tenantId: tenant_id });
  const shown = fields.filter(([, value]) => value !== null).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `Lambda runtime invoke{${shown.join(' ')}}`;
}

/** An answer that nobody takes is not the app's fault; if Lambda is gone, the next call says so. */
async function unlessLost(posted: Promise<unknown>, log: Log): Promise<void> {
  try {
    await posted;
  } catch (error) {
    log('ERROR', `failed to send request to Lambda Runtime API: ${(error as Error).message}`);
  }
}

const notDeserialized = ({ message }: SyntaxError) =>
  new Error(`failed to deserialize the incoming data into the function's payload type: ${message}\n`);

async function wholeBody({ body }: AppResponse): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const piece of body) chunks.push(new Uint8Array(piece));
  } catch (cause) {
    throw new AdapterCrash(`unable to read bytes from body: ${(cause as Error).message}`, { cause });
  }
  return Buffer.concat(chunks);
}

async function errorOfStatus(status: number, response: AppResponse): Promise<AppRequestError> {
  const body = await wholeBody(response);
  return new AppRequestError(JSON.stringify({ statusCode: status, body: body.toString() }));
}
