import {
  ACCOUNT_ID,
  type FunctionCode,
  functionArn,
  type Integration,
  type ResponseTransferMode,
} from '@spillway/wire';
import { checkedTimeout, lambdaUri } from '../integration.ts';
import type { Properties } from '../properties.ts';
import { API_EVENT, SERVERLESS_FUNCTION } from '../property-support.ts';
import { propertiesOf, type ReadContext, type StackDraft } from '../read-context.ts';
import { functionName as defaultFunctionName } from '../references.ts';
import { normalized, type RestApiDraft } from '../rest-api-draft.ts';
import { IMPLICIT_API, isApiEvent } from '../serverless-transform.ts';
import { textOf } from '../template-node.ts';
import type { TemplateResource } from '../template-resource.ts';
import { checkProperties } from '../unsupported.ts';
import { addFunction } from './lambda-function.ts';
import { readFunctionUrlConfig } from './lambda-url.ts';
import { IN_A_BUCKET, localCode } from './local-code.ts';
import { readEventAuth } from './serverless-auth.ts';

/**
 * A function and what SAM makes of its Api events: methods, integrations and the permission for the API to call it.
 * @see https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html
 */
export function readServerlessFunction(
  resource: TemplateResource,
  definedApis: ReadonlySet<string>,
  draft: StackDraft,
  context: ReadContext,
): void {
  const properties = propertiesOf(resource, context);
  checkProperties(properties, SERVERLESS_FUNCTION, context.problems);
  addFunction(resource, properties, readCode(properties, context), draft, context);
  const functionName = properties.text('FunctionName') ?? defaultFunctionName(resource.logicalId);
  readFunctionUrlConfig(resource, properties, functionName, draft, context);
  const events = properties.map('Events');
  for (const name of events?.names ?? []) {
    const event = events?.map(name);
    if (event !== undefined) readEvent({ name, event, functionName, resource, definedApis, draft, context });
  }
}

function readCode(properties: Properties, context: ReadContext): FunctionCode | undefined {
  const inline = properties.text('InlineCode');
  if (inline !== undefined) return { kind: 'inline', source: inline };
  const node = properties.node('CodeUri');
  if (node?.kind === 'map') {
    const message = `CodeUri of ${properties.label} is not supported: ${IN_A_BUCKET}.`;
    context.problems.unsupported(properties.at('CodeUri'), message);
    return undefined;
  }
  if (node?.kind === 'unresolved' || properties.text('PackageType') === 'Image') return undefined;
  // `sam package` takes the template's own directory when there is no CodeUri.
  return localCode('CodeUri', textOf(node) ?? '.', properties, context);
}

interface EventReader {
  readonly name: string;
  readonly event: Properties;
  readonly functionName: string;
  readonly resource: TemplateResource;
  /** Logical IDs of APIs whose methods are in an OpenAPI document; SAM adds none to them. */
  readonly definedApis: ReadonlySet<string>;
  readonly draft: StackDraft;
  readonly context: ReadContext;
}

function readEvent(reader: EventReader): void {
  const { event, context } = reader;
  const type = event.requiredText('Type');
  if (type === undefined) return;
  if (!isApiEvent(type)) {
    const reason = type === 'HttpApi' ? 'HTTP APIs cannot stream responses; use an Api event' : 'Api events are';
    context.problems.unsupported(
      event.at('Type'),
      `The event ${event.label} of type ${type} is not supported: ${reason}.`,
    );
    return;
  }
  const properties = event.map('Properties');
  if (properties === undefined) {
    context.problems.error(event.start, `The event ${event.label} has no Properties.`);
    return;
  }
  checkProperties(properties, API_EVENT, context.problems);
  const path = properties.requiredText('Path');
  const httpMethod = properties.requiredText('Method')?.toUpperCase();
  const api = apiOf(properties, reader);
  if (path === undefined || httpMethod === undefined || api === undefined) return;
  addPermission(api, path, httpMethod, reader);
  addMethod(api, path, httpMethod, properties, reader);
}

/** SAM takes `!Ref MyApi` and the bare logical ID. */
function apiOf(properties: Properties, { draft, context }: EventReader): RestApiDraft | undefined {
  if (properties.has('RestApiId') && properties.text('RestApiId') === undefined) return undefined;
  const wanted = properties.text('RestApiId') ?? IMPLICIT_API;
  const api = draft.restApis.find(({ options }) => options.id === wanted || options.logicalId === wanted);
  if (api === undefined) {
    const message = `RestApiId of ${properties.label} is no AWS::Serverless::Api of this template.`;
    context.problems.error(properties.at('RestApiId'), message);
  }
  return api;
}

function addPermission(api: RestApiDraft, path: string, httpMethod: string, reader: EventReader): void {
  const { functionName, resource, name, draft, context } = reader;
  draft.permissions.push({
    functionName,
    statementId: `${resource.logicalId}${name}Permission`,
    action: 'lambda:InvokeFunction',
    principal: 'apigateway.amazonaws.com',
    sourceArn: sourceArn(context.region, api.options.id, httpMethod, path),
  });
}

/** The requests of any stage that may reach the function by this event. */
function sourceArn(region: string, apiId: string, httpMethod: string, path: string): string {
  const verb = httpMethod === 'ANY' ? '*' : httpMethod;
  const pattern = normalized(path).replaceAll(/\{[\w.-]+\+?\}/g, '*');
  return `arn:aws:execute-api:${region}:${ACCOUNT_ID}:${apiId}/*/${verb}${pattern}`;
}

function addMethod(
  api: RestApiDraft,
  path: string,
  httpMethod: string,
  properties: Properties,
  reader: EventReader,
): void {
  const { functionName, definedApis, context } = reader;
  if (definedApis.has(api.options.logicalId)) {
    checkDefined(api, path, httpMethod, properties, reader);
    return;
  }
  const responseTransferMode = readMode(properties, context);
  const timeoutAt = properties.at('TimeoutInMillis');
  const timeout = properties.integer('TimeoutInMillis', { min: 0, max: Number.MAX_SAFE_INTEGER });
  const timeoutInMillis =
    timeout === undefined ? undefined : checkedTimeout(timeout, responseTransferMode, timeoutAt, context);
  const integration: Integration = {
    type: 'AWS_PROXY',
    httpMethod: 'POST',
    uri: lambdaUri(context.region, functionArn(context.region, functionName), responseTransferMode),
    responseTransferMode,
    passthroughBehavior: 'WHEN_NO_MATCH',
    requestParameters: {},
    requestTemplates: {},
    integrationResponses: [],
    ...(timeoutInMillis === undefined ? {} : { timeoutInMillis }),
  };
  api.addMethod(path, {
    at: properties.at('Path'),
    httpMethod,
    requestParameters: readRequestParameters(properties),
    ...readEventAuth(properties, api, context),
    integration: { integration, modeAt: properties.at('ResponseTransferMode'), timeoutAt },
  });
}

/** With an OpenAPI document SAM adds the permission alone. */
function checkDefined(
  api: RestApiDraft,
  path: string,
  httpMethod: string,
  properties: Properties,
  { context }: EventReader,
): void {
  const methods = api.paths.get(normalized(path))?.methods;
  if (methods?.has(httpMethod)) return;
  context.problems.warn(
    properties.at('Path'),
    `${httpMethod} ${path} is not in the OpenAPI document of ${api.options.logicalId}: SAM adds the permission for it, but no method.`,
  );
}

/** SAM knows RESPONSE_STREAM. Any other word deploys in silence as buffered, the integration's own STREAM too. */
function readMode(properties: Properties, { problems }: ReadContext): ResponseTransferMode {
  const given = properties.text('ResponseTransferMode') ?? 'BUFFERED';
  if (given === 'RESPONSE_STREAM') return 'STREAM';
  if (given !== 'BUFFERED') {
    problems.warn(
      properties.at('ResponseTransferMode'),
      `ResponseTransferMode ${given} of an Api event is deployed as BUFFERED: SAM's word is RESPONSE_STREAM. So it is buffered here too.`,
    );
  }
  return 'BUFFERED';
}

/** Names, or maps of a name and `Required`. */
function readRequestParameters(properties: Properties): Record<string, boolean> {
  const pairs = properties.list('RequestParameters').flatMap((item): [string, boolean][] => {
    const name = textOf(item);
    if (name !== undefined) return [[name, false]];
    if (item.kind !== 'map') return [];
    return [...item.entries].map(([key, { value }]) => {
      const settings = value.kind === 'map' ? properties.nested('RequestParameters', value) : undefined;
      return [key, settings?.boolean('Required') ?? false];
    });
  });
  return Object.fromEntries(pairs);
}
