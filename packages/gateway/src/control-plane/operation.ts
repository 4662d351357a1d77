import type { RestOperation } from '@spillway/http';
import type { Limits, ReadOpenApi } from '@spillway/wire';
import type { ExecuteOptions } from '../data-plane/execute.ts';
import type { Input } from './input.ts';
import type { RestApiStore } from './rest-api.ts';

/** What every operation works on. */
export interface ControlPlane {
  readonly restApis: RestApiStore;
  readonly region: string;
  readonly limits: Limits;
  readonly readOpenApi: ReadOpenApi | undefined;
  /** How the data plane runs what TestInvokeMethod asks for. */
  readonly execution: Omit<ExecuteOptions, 'restApis'>;
  /** One line for the terminal. */
  readonly report: (line: string) => void;
}

/** One call of an operation. */
export interface Call {
  /** Of the path, by the model's names: `restapi_id`. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Members of the JSON body; of imports, none. */
  readonly input: Input;
  /** The body of an import. */
  readonly document: string;
  /** Aborted when the client leaves. */
  readonly client: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

type Run = (call: Call, controlPlane: ControlPlane) => Answer | Promise<Answer>;
export type Operation = RestOperation<Run>;

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const created = (body: unknown): Answer => ({ status: 201, body });
export const accepted = (): Answer => ({ status: 202 });
export const noContent = (): Answer => ({ status: 204 });

/** A parameter of the path. */
export const parameter = ({ parameters }: Call, name: string): string => parameters[name] ?? '';

/** A parameter of the query; of several the last. */
export const queryValue = ({ query }: Call, name: string): string | undefined =>
  query.findLast(([key]) => key === name)?.[1];

/** All values of a repeated parameter of the query. */
export const queryValues = ({ query }: Call, name: string): string[] =>
  query.filter(([key]) => key === name).map(([, value]) => value);
