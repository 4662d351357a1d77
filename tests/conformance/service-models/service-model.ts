import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** What botocore's service models say of a member, a list's items, an operation's input or output. */
export interface ShapeReference {
  readonly shape: string;
  readonly location?: 'uri' | 'querystring' | 'header' | 'headers' | 'statusCode';
  readonly locationName?: string;
  readonly flattened?: boolean;
  readonly xmlAttribute?: boolean;
  readonly streaming?: boolean;
  readonly jsonvalue?: boolean;
}

export interface Shape {
  readonly type: string;
  readonly members?: Readonly<Record<string, ShapeReference>>;
  readonly required?: readonly string[];
  readonly member?: ShapeReference;
  readonly key?: ShapeReference;
  readonly value?: ShapeReference;
  readonly enum?: readonly string[];
  readonly payload?: string;
  readonly flattened?: boolean;
  readonly streaming?: boolean;
  readonly eventstream?: boolean;
  readonly error?: { readonly code?: string; readonly httpStatusCode?: number };
  readonly exception?: boolean;
}

export interface OperationModel {
  readonly name: string;
  readonly http: { readonly method: string; readonly requestUri: string; readonly responseCode?: number };
  readonly input?: ShapeReference;
  readonly output?: ShapeReference & { readonly resultWrapper?: string };
  readonly errors?: readonly ShapeReference[];
}

export interface ServiceModel {
  readonly metadata: {
    readonly protocol: 'rest-json' | 'json' | 'query' | 'rest-xml';
    readonly apiVersion: string;
    readonly targetPrefix?: string;
    readonly xmlNamespace?: string;
  };
  readonly operations: Readonly<Record<string, OperationModel>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

const VERSIONS = {
  apigateway: '2015-07-09',
  lambda: '2015-03-31',
  logs: '2014-03-28',
  sts: '2011-06-15',
  iam: '2010-05-08',
  s3: '2006-03-01',
} as const;

export type ServiceName = keyof typeof VERSIONS;

const DATA = spawnSync('python3', ['-c', 'import botocore; print(botocore.__path__[0])'], { encoding: 'utf8' });

/** What is missing on this machine; undefined when the models are there. */
export const MISSING: string | undefined = DATA.status === 0 ? undefined : 'botocore for python3';

export function readServiceModel(service: ServiceName): ServiceModel {
  const path = join(DATA.stdout.trim(), 'data', service, VERSIONS[service], 'service-2.json');
  const text = existsSync(path) ? readFileSync(path) : gunzipSync(readFileSync(`${path}.gz`));
  return JSON.parse(text.toString()) as ServiceModel;
}

export function shapeOf({ shapes }: ServiceModel, { shape }: ShapeReference): Shape {
  const found = shapes[shape];
  if (found === undefined) throw new Error(`the model has no shape ${shape}`);
  return found;
}

export function operationOf({ operations }: ServiceModel, name: string): OperationModel {
  const found = operations[name];
  if (found === undefined) throw new Error(`the model has no operation ${name}`);
  return found;
}
