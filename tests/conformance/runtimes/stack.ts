import { logicalId } from '../../scenarios/support/stack.ts';

export const CASE_NAMES = ['echo', 'error', 'context', 'stream', 'early', 'broken', 'large'] as const;

/** A case, its handler and its route have the same name. */
export type CaseName = (typeof CASE_NAMES)[number];

/** What the client's functions have in their template beside what all have. */
export interface FunctionProperties {
  readonly Runtime: string;
  readonly Handler: string;
  readonly Layers?: readonly string[];
  readonly Environment?: Readonly<Record<string, string>>;
}

/** A value beyond ASCII, as the template gives it. */
export const OWN_VALUE = 'a value, 値';
export const MEMORY_MB = 256;
export const TIMEOUT_SECONDS = 60;

const IS_BUFFERED: ReadonlySet<CaseName> = new Set(['echo', 'error', 'context']);

/** One function a case, all of the same code, each behind its own route; `gate` is host and port. */
export function template(properties: (name: CaseName) => FunctionProperties, gate: string): string {
  const functions = CASE_NAMES.map((name) => [logicalId(name), functionResource(name, properties(name), gate)]);
  const api = {
    Type: 'AWS::Serverless::Api',
    Properties: { StageName: 'prod', EndpointConfiguration: { Type: 'REGIONAL' } },
  };
  return JSON.stringify({
    Transform: 'AWS::Serverless-2016-10-31',
    Resources: { Api: api, ...Object.fromEntries(functions) },
  });
}

function functionResource(name: CaseName, properties: FunctionProperties, gate: string): unknown {
  const isBuffered = IS_BUFFERED.has(name);
  const route = {
    RestApiId: { Ref: 'Api' },
    Path: `/${name}`,
    Method: name === 'echo' ? 'POST' : 'GET',
    ...(isBuffered ? {} : { ResponseTransferMode: 'RESPONSE_STREAM' }),
  };
  return {
    Type: 'AWS::Serverless::Function',
    Properties: {
      CodeUri: 'code',
      Timeout: TIMEOUT_SECONDS,
      MemorySize: MEMORY_MB,
      ...properties,
      Environment: {
        Variables: { GATE: gate, OWN: OWN_VALUE, ...webAdapterMode(isBuffered), ...properties.Environment },
      },
      Events: { Route: { Type: 'Api', Properties: route } },
    },
  };
}

/** Read by Lambda Web Adapter alone. */
const webAdapterMode = (isBuffered: boolean): Readonly<Record<string, string>> =>
  isBuffered ? {} : { AWS_LWA_INVOKE_MODE: 'response_stream' };
