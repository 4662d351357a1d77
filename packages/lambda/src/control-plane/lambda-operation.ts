import type { IncomingMessage, ServerResponse } from 'node:http';
import { type RestOperation, readJson, sendJson } from '@spillway/http';
import { AwsError, type Body, type Limits } from '@spillway/wire';
import type { Concurrency } from '../concurrency.ts';
import type { FunctionUrls } from '../function-url/function-urls.ts';
import type { Functions } from '../functions.ts';
import type { LambdaInvoker } from '../invoke.ts';
import type { AsynchronousInvocations } from '../invoke-api/asynchronous-invocations.ts';
import type { CodeLocations } from './code-locations.ts';
import type { CodeStore } from './code-store.ts';
import type { LayerVersions } from './layer-versions.ts';

/** What the operations of the Lambda API work on. */
export interface LambdaContext {
  /** Zips of functions and layers. */
  readonly code: CodeStore;
  readonly layers: LayerVersions;
  /** URLs of zips. */
  readonly locations: CodeLocations;
  /** Never part of a function's code. Real paths. */
  readonly ignoredPaths: readonly string[];
  /** An object of the local S3. Undefined: there is none. */
  readonly readObject?: (bucketName: string, key: string) => Promise<Body>;
  /** One line for the terminal. */
  readonly report: (line: string) => void;
  readonly region: string;
  readonly limits: Limits;
  /** Where we are found: `http://127.0.0.1:PORT`. */
  readonly endpointUrl: string;
  readonly functions: Functions;
  readonly concurrency: Concurrency;
  readonly invoker: LambdaInvoker;
  readonly asynchronousInvocations: AsynchronousInvocations;
  readonly functionUrls: FunctionUrls;
}

/** One request. */
export interface LambdaCall {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Of the path, percent-decoded, by the model's names: `FunctionName`. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Of the query, by the model's names: `Qualifier`, `Marker`. */
  readonly query: Readonly<Record<string, string>>;
  readonly requestId: string;
}

/** Answers by itself; what it throws before that becomes the answer. */
export type LambdaOperation = RestOperation<(context: LambdaContext, call: LambdaCall) => Promise<void>>;

/** A request of an operation that takes and gives JSON. */
export interface JsonCall extends LambdaCall {
  /** The members of the body. */
  readonly input: Readonly<Record<string, unknown>>;
}

export interface JsonOperation {
  /** `POST /2015-03-31/functions` */
  readonly at: `${string} ${string}`;
  readonly status: number;
  /** What becomes the body; undefined is none. */
  readonly run: (context: LambdaContext, call: JsonCall) => unknown;
  /** Of the body, bytes. */
  readonly limitBytes?: number;
}

const REQUEST_BYTES = 1_048_576;

export function jsonOperation(name: string, operation: JsonOperation): LambdaOperation {
  const { at, status, run, limitBytes = REQUEST_BYTES } = operation;
  const [method = '', path = ''] = at.split(' ');
  return {
    name,
    method,
    path,
    run: async (context, call) => {
      const input = await readInput(name, call.request, limitBytes);
      const body = await run(context, { ...call, input });
      await sendJson(call.response, status, body, [['x-amzn-RequestId', call.requestId]]);
    },
  };
}

async function readInput(name: string, request: IncomingMessage, limitBytes: number): Promise<JsonCall['input']> {
  try {
    return await readJson(request, limitBytes, 'RequestEntityTooLargeException');
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'RequestEntityTooLargeException') throw error;
    const message = `Request must be smaller than ${limitBytes} bytes for the ${name} operation`;
    throw new AwsError('RequestEntityTooLargeException', { message });
  }
}
