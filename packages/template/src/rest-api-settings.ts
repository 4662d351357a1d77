import type { EndpointType } from '@spillway/wire';
import type { Properties } from './properties.ts';
import type { ReadContext } from './read-context.ts';
import { restApiId } from './references.ts';
import { RestApiDraft } from './rest-api-draft.ts';
import { textOf } from './template-node.ts';
import type { TemplateResource } from './template-resource.ts';

const ENDPOINT_TYPES: readonly EndpointType[] = ['EDGE', 'REGIONAL', 'PRIVATE'];

/** A REST API with the settings that CloudFormation's and SAM's resource types share. */
export function newRestApi(resource: TemplateResource, properties: Properties, context: ReadContext): RestApiDraft {
  const { logicalId, at } = resource;
  const draft = new RestApiDraft(
    {
      logicalId,
      at,
      id: restApiId(context.stackName, logicalId),
      name: properties.text('Name') ?? logicalId,
      endpointType: readEndpointType(properties, context),
      disableExecuteApiEndpoint: properties.boolean('DisableExecuteApiEndpoint') ?? false,
    },
    context.problems,
  );
  // SAM takes over the form of patch paths, `image~1png`.
  draft.binaryMediaTypes.push(...properties.texts('BinaryMediaTypes').map((type) => type.replaceAll('~1', '/')));
  const apiKeySource = properties.oneOf('ApiKeySourceType', ['HEADER', 'AUTHORIZER']);
  if (apiKeySource !== undefined) draft.apiKeySource = apiKeySource;
  return draft;
}

/** `Types: [REGIONAL]` of CloudFormation, `Type: REGIONAL` or just `REGIONAL` of SAM. */
function readEndpointType(properties: Properties, { problems }: ReadContext): EndpointType | undefined {
  const name = 'EndpointConfiguration';
  const node = properties.node(name);
  if (node === undefined || node.kind === 'unresolved') return undefined;
  const map = node.kind === 'map' ? properties.map(name) : undefined;
  const types = map?.has('Types') ? map.texts('Types') : [map === undefined ? textOf(node) : map.text('Type')];
  if (types.length > 1) problems.error(properties.at(name), 'Cannot create an api with multiple Endpoint Types.');
  const [given] = types;
  if (given === undefined) return undefined;
  const known = ENDPOINT_TYPES.find((type) => type === given);
  if (known === undefined) {
    problems.error(properties.at(name), `${name} of ${properties.label} must be one of ${ENDPOINT_TYPES.join(', ')}.`);
  }
  return known;
}
