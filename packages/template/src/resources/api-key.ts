import { stableId } from '@spillway/wire';
import { API_KEY, STAGE_KEY } from '../authorization-support.ts';
import type { Properties } from '../properties.ts';
import { propertiesOf, type ReadContext, type StackDraft } from '../read-context.ts';
import { resourceId } from '../references.ts';
import { textOf, valueAt } from '../template-node.ts';
import type { TemplateResource } from '../template-resource.ts';
import { checkProperties } from '../unsupported.ts';

/**
 * A key of the account. Without `Value` it is made of its name, so that it is the same at every start.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-apikey.html
 */
export function readApiKey(resource: TemplateResource, draft: StackDraft, context: ReadContext): void {
  const properties = propertiesOf(resource, context);
  const { problems, stackName } = context;
  checkProperties(properties, API_KEY, problems);
  const name = properties.text('Name') ?? `${stackName}-${resource.logicalId}`;
  const description = properties.text('Description');
  const enabled = properties.boolean('Enabled') ?? false;
  if (!enabled) {
    problems.warn(properties.at('Enabled'), `The API key ${resource.logicalId} opens nothing: Enabled is not true.`);
  }
  draft.apiKeys.push({
    id: resourceId(`${stackName}/${resource.logicalId}`),
    value: readValue(properties, context) ?? generatedValue(`${stackName}/${resource.logicalId}`),
    name,
    enabled,
    stageKeys: readStageKeys(properties, context),
    tags: readTags(properties),
    ...(description === undefined ? {} : { description }),
  });
}

/** As long as AWS's own. */
const generatedValue = (seed: string) => ['', '/2', '/3', '/4'].map((part) => stableId(`${seed}${part}`)).join('');

function readValue(properties: Properties, { problems }: ReadContext): string | undefined {
  const value = properties.text('Value');
  if (value !== undefined && value.length < 20) {
    problems.error(properties.at('Value'), 'API Key value should be at least 20 characters');
  }
  if (value !== undefined && value.length > 128) {
    problems.error(properties.at('Value'), 'API Key value exceeds maximum size of 128 characters');
  }
  return value;
}

function readStageKeys(properties: Properties, { problems }: ReadContext) {
  return properties.maps('StageKeys').flatMap((stageKey) => {
    checkProperties(stageKey, STAGE_KEY, problems);
    const restApiId = stageKey.requiredText('RestApiId');
    const stageName = stageKey.requiredText('StageName');
    return restApiId === undefined || stageName === undefined ? [] : [{ restApiId, stageName }];
  });
}

function readTags(properties: Properties): Record<string, string> {
  const pairs = properties.list('Tags').map((tag) => [textOf(valueAt(tag, 'Key')), textOf(valueAt(tag, 'Value'))]);
  return Object.fromEntries(pairs.filter(([key, value]) => key !== undefined && value !== undefined));
}
