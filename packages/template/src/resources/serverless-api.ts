import { readFileSync } from 'node:fs';
import { resolve as resolvePath } from 'node:path';
import { addCors } from '../cors.ts';
import { functionCall } from '../intrinsic-functions.ts';
import { readOpenApi } from '../open-api.ts';
import { parseTemplate } from '../parse-template.ts';
import type { Properties } from '../properties.ts';
import { SERVERLESS_API } from '../property-support.ts';
import { propertiesOf, type ReadContext, type StackDraft } from '../read-context.ts';
import { newRestApi } from '../rest-api-settings.ts';
import { addStage } from '../stage.ts';
import { type MapNode, type TemplateNode, textOf } from '../template-node.ts';
import type { TemplateResource } from '../template-resource.ts';
import { checkProperties } from '../unsupported.ts';
import { readGatewayResponses } from './gateway-response.ts';
import { IN_A_BUCKET } from './local-code.ts';
import { applyDefaultAuth, readServerlessAuth } from './serverless-auth.ts';

/**
 * The API, its stage and its OpenAPI document, if it has one; Api events of functions add their methods later, then `finishServerlessApi`
 * is due. SAM also makes a stage named "Stage", by accident of an old version; it is not served.
 * @see https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-api.html
 */
export function readServerlessApi(resource: TemplateResource, draft: StackDraft, context: ReadContext): void {
  const properties = propertiesOf(resource, context);
  checkProperties(properties, SERVERLESS_API, context.problems);
  const api = newRestApi(resource, properties, context);
  draft.restApis.push(api);
  readServerlessAuth(properties, api, draft, context);
  readGatewayResponses(properties, api, context);
  const stageName = properties.requiredText('StageName');
  if (stageName !== undefined) addStage(api, stageName, properties, context);
  const document = readDefinition(properties, context);
  if (document !== undefined) readOpenApi(document, api, context);
}

/** CORS and the default authorizer need to know all methods. */
export function finishServerlessApi(resource: TemplateResource, draft: StackDraft, context: ReadContext): void {
  const api = draft.restApis.find(({ options }) => options.logicalId === resource.logicalId);
  if (api === undefined) return;
  const properties = propertiesOf(resource, context);
  addCors(properties, api, context);
  applyDefaultAuth(properties, api, context);
}

function readDefinition(properties: Properties, context: ReadContext): MapNode | undefined {
  const { problems } = context;
  const body = properties.node('DefinitionBody');
  const uri = properties.node('DefinitionUri');
  if (body !== undefined && uri !== undefined) {
    problems.error(
      properties.at('DefinitionUri'),
      "Specify either 'DefinitionUri' or 'DefinitionBody' property and not both.",
    );
  }
  if (body?.kind === 'map') return body;
  if (uri === undefined) return undefined;
  const path = textOf(uri);
  if (path === undefined || /^(?:s3|https?):\/\//.test(path)) {
    problems.unsupported(
      properties.at('DefinitionUri'),
      `DefinitionUri of ${properties.label} is not supported: ${IN_A_BUCKET}.`,
    );
    return undefined;
  }
  return readDefinitionFile(path, properties, context);
}

function readDefinitionFile(path: string, properties: Properties, context: ReadContext): MapNode | undefined {
  const file = resolvePath(context.directory, path);
  const text = readText(file);
  if (text === undefined) {
    context.problems.error(
      properties.at('DefinitionUri'),
      `DefinitionUri of ${properties.label}: ${file} cannot be read.`,
    );
    return undefined;
  }
  const document = parseTemplate(text, file, context.problems);
  const call = document === undefined ? undefined : firstCall(document);
  if (call !== undefined) {
    context.problems.error(
      call.at,
      'CloudFormation resolves no intrinsic functions in a file that DefinitionUri names. Put the document into DefinitionBody, or include the file there with Fn::Transform: AWS::Include.',
    );
  }
  return document?.kind === 'map' && call === undefined ? document : undefined;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function firstCall(node: TemplateNode): TemplateNode | undefined {
  if (functionCall(node) !== undefined) return node;
  const inner =
    node.kind === 'map' ? [...node.entries.values()].map(({ value }) => value) : node.kind === 'list' ? node.items : [];
  for (const item of inner) {
    const call = firstCall(item);
    if (call !== undefined) return call;
  }
  return undefined;
}
