import type { GatewayResponse } from '@spillway/wire';
import { firstMediaType } from './binary-media-types.ts';
import { contextVariables } from './context-variables.ts';
import type { Exchange } from './exchange.ts';
import type { ExecutionError } from './execution-error.ts';
import { type HeaderList, headerFault, headerValue } from './headers.ts';
import { mappedValues } from './mapped-values.ts';
import { parseSource } from './parameter-mapping.ts';

// Gateway responses as their author wants them. Same as API Gateway by its documentation: the type's own, else DEFAULT_4XX or DEFAULT_5XX;
// status, headers, templates with plain substitution. Not customised, as on AWS: answers from before the API's own machinery (413, 431).
// Chosen, as AWS does not say: the first type of Accept picks the template, else application/json, else the first; a header whose value HTTP
// cannot carry is left out.

/** What replaces parts of the gateway's own answer; what is undefined stays as it is. */
export interface CustomGatewayResponse {
  readonly status?: number;
  readonly headers: HeaderList;
  readonly contentType?: string;
  readonly body?: string;
}

export const NOT_CUSTOMISED: CustomGatewayResponse = { headers: [] };

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html */
export function customGatewayResponse(error: ExecutionError, exchange: Exchange): CustomGatewayResponse {
  const found = find(error, exchange.stage?.deployment.restApi.gatewayResponses);
  if (found === undefined || error.responseType === 'REQUEST_TOO_LARGE') return NOT_CUSTOMISED;
  const { statusCode, responseParameters, responseTemplates } = found;
  const variables = { ...contextVariables(exchange), ...errorVariables(error) };
  const [contentType, template] = pickTemplate(responseTemplates, headerValue(exchange.head.headers, 'accept')) ?? [];
  return {
    ...(statusCode === undefined ? {} : { status: Number(statusCode) }),
    headers: headersOf(responseParameters, variables, exchange),
    ...(contentType === undefined ? {} : { contentType }),
    ...(template === undefined ? {} : { body: fill(template, variables, exchange) }),
  };
}

function find({ responseType, status }: ExecutionError, responses: readonly GatewayResponse[] = []) {
  const ofType = (type: string) => responses.find((response) => response.responseType === type);
  return ofType(responseType) ?? ofType(status >= 500 ? 'DEFAULT_5XX' : 'DEFAULT_4XX');
}

type Variables = Readonly<Record<string, string | undefined>>;

/** `$context.error`; the quoted message is `null` where there is none. */
export function errorVariables({ clientMessage, responseType }: ExecutionError): Variables {
  return {
    'error.message': clientMessage,
    'error.messageString': JSON.stringify(clientMessage ?? null),
    'error.responseType': responseType,
  };
}

function pickTemplate(
  templates: GatewayResponse['responseTemplates'],
  accept: string | undefined,
): readonly [mediaType: string, template: string] | undefined {
  const entries = Object.entries(templates);
  const ofType = (mediaType: string) => entries.find(([given]) => given === mediaType);
  return ofType(firstMediaType(accept)) ?? ofType('application/json') ?? entries[0];
}

const VARIABLE = /\$(?:context|stageVariables|method\.request\.[a-z]+)(?:\.[A-Za-z0-9_-]+)+/g;

/** Plain substitution, no escapes: what is not set is an empty text. */
const fill = (template: string, variables: Variables, exchange: Exchange) =>
  template.replace(VARIABLE, (expression) => valueOfExpression(expression.slice(1), variables, exchange) ?? '');

function headersOf(
  parameters: GatewayResponse['responseParameters'],
  variables: Variables,
  exchange: Exchange,
): HeaderList {
  return Object.entries(parameters).flatMap(([target, expression]) => {
    const name = target.replace('gatewayresponse.header.', '');
    const value = valueOfExpression(expression, variables, exchange);
    return value === undefined || headerFault(name, value) !== undefined ? [] : [[name, value] as const];
  });
}

function valueOfExpression(expression: string, variables: Variables, exchange: Exchange): string | undefined {
  const source = parseSource(expression);
  if (source === undefined) return undefined;
  if (source.from === 'context') return Object.hasOwn(variables, source.name) ? variables[source.name] : undefined;
  const values = mappedValues(source, exchange);
  return values.length === 0 ? undefined : values.join(',');
}
