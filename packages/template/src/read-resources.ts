import type { Conditions } from './conditions.ts';
import type { Scope } from './intrinsic-functions.ts';
import type { Problems } from './problems.ts';
import type { Sections } from './sections.ts';
import { generatedResources, implicitApi, withGlobals } from './serverless-transform.ts';
import { type MapEntry, type MapNode, textOf, valueAt } from './template-node.ts';
import type { TemplateResource } from './template-resource.ts';

/** Resource attributes that say nothing about what is served. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-product-attribute-reference.html */
const ATTRIBUTES: ReadonlySet<string> = new Set([
  'Condition',
  'Connectors',
  'CreationPolicy',
  'DeletionPolicy',
  'DependsOn',
  'Description',
  'IgnoreGlobals',
  'Metadata',
  'Properties',
  'Type',
  'UpdatePolicy',
  'UpdateReplacePolicy',
]);

export interface TemplateResources {
  /** To be read, the API that SAM adds for Api events included. */
  readonly created: readonly TemplateResource[];
  /** Those, and what SAM generates besides: all that references may name. */
  readonly referable: ReadonlyMap<string, TemplateResource>;
  /** Logical IDs left out because of a condition, and that condition. */
  readonly leftOut: ReadonlyMap<string, string>;
}

/** Picks the resources whose conditions are true and takes SAM's first steps: Globals, the implicit API. */
export function readResourceList(
  sections: Sections,
  conditions: Conditions,
  scope: Scope,
  problems: Problems,
): TemplateResources {
  const created: TemplateResource[] = [];
  const leftOut = new Map<string, string>();
  for (const [logicalId, entry] of sections.resources) {
    const node = entry.value;
    if (!checkResource(logicalId, entry, problems) || node.kind !== 'map') continue;
    const condition = node.entries.get('Condition');
    const conditionName = textOf(condition?.value);
    if (
      condition !== undefined &&
      conditionName !== undefined &&
      !conditions.isTrue(conditionName, condition.at, scope)
    ) {
      leftOut.set(logicalId, conditionName);
      continue;
    }
    const resource = toResource(logicalId, entry, node);
    created.push(withGlobals(resource, sections.globals, valueAt(node, 'IgnoreGlobals')));
  }
  checkTransform(created, sections, problems);
  const implicit = implicitApi(created);
  if (implicit !== undefined) created.unshift(withGlobals(implicit, sections.globals, undefined));
  const all = [...generatedResources(created), ...created];
  return { created, leftOut, referable: new Map(all.map((resource) => [resource.logicalId, resource])) };
}

function checkResource(logicalId: string, { at, value }: MapEntry, problems: Problems): boolean {
  if (logicalId.startsWith('Fn::')) {
    problems.unsupported(at, `${logicalId} is not supported.`);
    return false;
  }
  if (!/^[A-Za-z0-9]{1,255}$/.test(logicalId)) {
    problems.error(at, `The logical ID ${JSON.stringify(logicalId)} may hold letters and digits only.`);
  }
  const type = textOf(valueAt(value, 'Type'));
  if (value.kind !== 'map' || type === undefined) {
    problems.error(at, `The resource ${logicalId} has no Type.`);
    return false;
  }
  for (const [name, entry] of value.entries) {
    if (!ATTRIBUTES.has(name))
      problems.unsupported(entry.at, `The attribute ${name} of ${logicalId} is not supported.`);
  }
  return true;
}

function toResource(logicalId: string, { at }: MapEntry, node: MapNode): TemplateResource {
  const type = node.entries.get('Type');
  const properties = valueAt(node, 'Properties');
  const metadata = valueAt(node, 'Metadata');
  return {
    logicalId,
    type: textOf(type?.value) ?? '',
    at,
    typeAt: type?.value.at ?? at,
    properties: properties?.kind === 'map' ? properties.entries : new Map<string, MapEntry>(),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

function checkTransform(resources: readonly TemplateResource[], { isServerless }: Sections, problems: Problems): void {
  const first = resources.find(({ type }) => type.startsWith('AWS::Serverless::'));
  if (first === undefined || isServerless) return;
  problems.error(
    first.typeAt,
    `${first.type} takes "Transform: AWS::Serverless-2016-10-31" at the top of the template; CloudFormation refuses it without.`,
  );
}
