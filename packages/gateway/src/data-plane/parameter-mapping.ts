/** Where a mapped value comes from. */
export type MappingSource =
  | {
      readonly from: 'path' | 'querystring' | 'header' | 'multivaluequerystring' | 'multivalueheader';
      readonly name: string;
    }
  | { readonly from: 'literal'; readonly value: string }
  | { readonly from: 'stageVariables' | 'context'; readonly name: string };

/** One entry of an integration's `requestParameters`. */
export interface ParameterMapping {
  readonly to: 'path' | 'querystring' | 'header';
  readonly name: string;
  readonly source: MappingSource;
}

/**
 * Reads `integration.request.path.proxy` = `method.request.path.proxy` and its kin; undefined for what is not supported (bodies, JSONPath).
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-parameter-mapping-sources.html
 */
export function parseMapping(target: string, source: string): ParameterMapping | undefined {
  const [, to, name] = /^integration\.request\.(path|querystring|header)\.(.+)$/.exec(target) ?? [];
  const parsed = parseSource(source);
  if (to === undefined || name === undefined || parsed === undefined) return undefined;
  return { to: to as ParameterMapping['to'], name, source: parsed };
}

const METHOD_REQUEST = /^method\.request\.(path|querystring|header|multivaluequerystring|multivalueheader)\.(.+)$/;

/** Reads `'literal'`, `method.request.header.X`, `context.X`, `stageVariables.X`. Undefined for anything else. */
export function parseSource(source: string): MappingSource | undefined {
  const [, value] = /^'(.*)'$/s.exec(source) ?? [];
  if (value !== undefined) return { from: 'literal', value };
  const [, from, name] = METHOD_REQUEST.exec(source) ?? /^(stageVariables|context)\.(.+)$/.exec(source) ?? [];
  if (from === undefined || name === undefined) return undefined;
  return { from: from as Exclude<MappingSource['from'], 'literal'>, name };
}
