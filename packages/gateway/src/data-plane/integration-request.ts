import type { Integration, Invoker } from '@spillway/wire';
import type { Stage } from '../control-plane/stage.ts';
import type { Exchange } from './exchange.ts';
import { ExecutionError } from './execution-error.ts';
import { mappedValues } from './mapped-values.ts';
import type { MethodRequest } from './method-request.ts';
import { type ParameterMapping, parseMapping } from './parameter-mapping.ts';
import type { Route } from './route.ts';
import type { Transfer } from './transfer/transfer.ts';

/** All that an integration needs to make its call. */
export interface IntegrationRequest {
  readonly exchange: Exchange;
  readonly request: MethodRequest;
  readonly stage: Stage;
  readonly route: Route;
  readonly integration: Integration;
  readonly transfer: Transfer;
  readonly region: string;
  readonly invoker: Invoker;
}

const FORBIDDEN_HEADERS = ['content-length', 'transfer-encoding'];
const FORBIDDEN_HEADERS_LAMBDA = ['authorization', 'connection', 'expect', 'proxy-authenticate', 'te'];

/** @throws ExecutionError `forbiddenMapping`: a mapping of these headers fails every call. */
export function assertMappings({ integration }: IntegrationRequest): void {
  const forbidden = [...FORBIDDEN_HEADERS, ...(integration.type === 'AWS_PROXY' ? FORBIDDEN_HEADERS_LAMBDA : [])];
  for (const target of Object.keys(integration.requestParameters)) {
    const [, header] = /^integration\.request\.header\.(.+)$/.exec(target) ?? [];
    if (header !== undefined && forbidden.includes(header.toLowerCase())) {
      throw new ExecutionError('forbiddenMapping', { detail: `the parameter mapping sets ${header}` });
    }
  }
}

/** One mapped parameter: values percent-encoded if they come from the path, as sent, else not. */
export interface MappedParameter extends Pick<ParameterMapping, 'to' | 'name'> {
  readonly values: readonly string[];
  readonly isEncoded: boolean;
}

/** The integration's parameter mappings with their values; a mapping from what is absent is left out. */
export function mappedParameters(integrationRequest: IntegrationRequest): readonly MappedParameter[] {
  return Object.entries(integrationRequest.integration.requestParameters).flatMap(([target, expression]) => {
    const mapping = parseMapping(target, expression);
    if (mapping === undefined) return [];
    const values = mappedValues(mapping.source, integrationRequest.exchange);
    if (values.length === 0) return [];
    return [{ to: mapping.to, name: mapping.name, values, isEncoded: mapping.source.from === 'path' }];
  });
}
