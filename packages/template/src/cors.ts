import type { Properties } from './properties.ts';
import type { ReadContext } from './read-context.ts';
import type { MethodDraft, RestApiDraft } from './rest-api-draft.ts';
import { type Position, textOf } from './template-node.ts';

/** SAM's list for a path that has `ANY`. */
const ALL_METHODS = 'DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT';

/** What `Cors` may hold, and the header that each becomes. */
const HEADERS: Readonly<Record<string, string>> = {
  AllowHeaders: 'Access-Control-Allow-Headers',
  AllowMethods: 'Access-Control-Allow-Methods',
  AllowOrigin: 'Access-Control-Allow-Origin',
  MaxAge: 'Access-Control-Max-Age',
};

/**
 * Gives every path without OPTIONS a MOCK that answers the preflight, as SAM does. The function's own responses get no header by it.
 * @see https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-corsconfiguration.html
 */
export function addCors(properties: Properties, draft: RestApiDraft, context: ReadContext): void {
  if (!properties.has('Cors')) return;
  const responseHeaders = readCors(properties, context);
  const at = properties.at('Cors');
  for (const [path, { methods }] of draft.paths) {
    if (methods.size === 0 || methods.has('OPTIONS')) continue;
    draft.addMethod(path, preflight(at, { ...responseHeaders, ...allowedMethods(responseHeaders, methods) }));
  }
}

/** Header names and quoted values. */
function readCors(properties: Properties, { problems }: ReadContext): Record<string, string> {
  const origin = textOf(properties.node('Cors'));
  if (origin !== undefined) return { 'Access-Control-Allow-Origin': origin };
  const map = properties.map('Cors');
  if (map === undefined) return {};
  const headers: Record<string, string> = { 'Access-Control-Allow-Origin': "'*'" };
  for (const name of map.names) {
    const header = HEADERS[name];
    const value = map.text(name);
    if (header !== undefined && value !== undefined) headers[header] = value;
    else if (header === undefined && name !== 'AllowCredentials') {
      problems.error(map.at(name), `Invalid key '${name}' for 'Cors' property.`);
    }
  }
  if (map.boolean('AllowCredentials') !== true) return headers;
  if (headers['Access-Control-Allow-Origin'] === "'*'") {
    problems.error(map.at('AllowCredentials'), `AllowCredentials cannot be true when AllowOrigin is "'*'" or not set.`);
  }
  return { ...headers, 'Access-Control-Allow-Credentials': "'true'" };
}

function allowedMethods(
  given: Record<string, string>,
  methods: ReadonlyMap<string, MethodDraft>,
): Record<string, string> {
  const header = 'Access-Control-Allow-Methods';
  if (given[header] !== undefined) return {};
  const names = methods.has('ANY') ? ALL_METHODS : [...methods.keys(), 'OPTIONS'].sort().join(',');
  return { [header]: `'${names}'` };
}

function preflight(at: Position, headers: Record<string, string>): MethodDraft {
  const parameters = Object.entries(headers).map(([name, value]) => [`method.response.header.${name}`, value]);
  const integration = {
    type: 'MOCK',
    responseTransferMode: 'BUFFERED',
    passthroughBehavior: 'WHEN_NO_MATCH',
    requestParameters: {},
    requestTemplates: { 'application/json': '{"statusCode": 200}' },
    integrationResponses: [
      {
        statusCode: '200',
        responseParameters: Object.fromEntries(parameters),
        responseTemplates: { 'application/json': '{}' },
      },
    ],
  } as const;
  return { at, httpMethod: 'OPTIONS', requestParameters: {}, integration: { integration, modeAt: at, timeoutAt: at } };
}
