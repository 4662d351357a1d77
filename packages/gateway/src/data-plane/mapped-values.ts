import { contextVariables } from './context-variables.ts';
import type { Exchange } from './exchange.ts';
import type { MappingSource } from './parameter-mapping.ts';

type ReadValues = (name: string, exchange: Exchange) => readonly string[];

/** Names are compared by case, as API Gateway's own parameter rules do. */
const SOURCES: Readonly<Record<MappingSource['from'], ReadValues>> = {
  literal: (value) => [value],
  path: (name, { route }) => own(route?.pathParameters ?? {}, name),
  querystring: (name, { head }) => named(head.query, name).slice(-1),
  multivaluequerystring: (name, { head }) => named(head.query, name),
  header: (name, { head }) => named(head.headers, name).slice(-1),
  multivalueheader: (name, { head }) => named(head.headers, name),
  stageVariables: (name, { stage }) => own(stage?.configuration.variables ?? {}, name),
  context: (name, exchange) => own(contextVariables(exchange), name),
};

/** The values that a mapping takes from the request; none when it lacks them. Those from the path are percent-encoded as sent. */
export const mappedValues = (source: MappingSource, exchange: Exchange): readonly string[] =>
  SOURCES[source.from](source.from === 'literal' ? source.value : source.name, exchange);

function own(values: Readonly<Record<string, string | undefined>>, name: string): readonly string[] {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  return value === undefined ? [] : [value];
}

const named = (pairs: readonly (readonly [string, string])[], name: string) =>
  pairs.filter(([key]) => key === name).map(([, value]) => value);
