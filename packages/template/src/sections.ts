import type { Problems } from './problems.ts';
import { type MapEntry, type Position, type TemplateNode, textOf, valueAt } from './template-node.ts';

/** A template's sections, none of them resolved. */
export interface Sections {
  readonly top: Position;
  readonly parameters: TemplateNode | undefined;
  readonly mappings: TemplateNode | undefined;
  readonly conditions: TemplateNode | undefined;
  readonly globals: TemplateNode | undefined;
  readonly outputs: TemplateNode | undefined;
  readonly resources: ReadonlyMap<string, MapEntry>;
  /** The SAM transform is declared. */
  readonly isServerless: boolean;
}

const SERVERLESS_TRANSFORM = 'AWS::Serverless-2016-10-31';
const TRANSFORMS: ReadonlySet<string> = new Set([SERVERLESS_TRANSFORM, 'AWS::LanguageExtensions']);

const SECTIONS: ReadonlySet<string> = new Set([
  'AWSTemplateFormatVersion',
  'Conditions',
  'Description',
  'Globals',
  'Mappings',
  'Metadata',
  'Outputs',
  'Parameters',
  'Resources',
  'Transform',
]);

/** Sections of Globals whose resource types are refused anyway, if there are any. */
const GLOBALS_WITH_EFFECT: ReadonlySet<string> = new Set(['Api', 'Function']);

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html */
export function readSections(template: TemplateNode, problems: Problems): Sections {
  if (template.kind !== 'map') {
    problems.error(template.at, 'This is no template: a template is a map with the key Resources.');
  }
  const resources = valueAt(template, 'Resources');
  if (template.kind === 'map' && (resources?.kind !== 'map' || resources.entries.size === 0)) {
    problems.error(resources?.at ?? template.at, 'The template has no Resources.');
  }
  const transforms = checkTransforms(valueAt(template, 'Transform'), problems);
  checkNames(template, problems);
  return {
    top: template.at,
    parameters: valueAt(template, 'Parameters'),
    mappings: valueAt(template, 'Mappings'),
    conditions: valueAt(template, 'Conditions'),
    globals: valueAt(template, 'Globals'),
    outputs: valueAt(template, 'Outputs'),
    resources: resources?.kind === 'map' ? resources.entries : new Map(),
    isServerless: transforms.includes(SERVERLESS_TRANSFORM),
  };
}

function checkNames(template: TemplateNode, problems: Problems): void {
  if (template.kind !== 'map') return;
  for (const [name, { at }] of template.entries) {
    if (name === 'Metadata') problems.ignore(at, 'Metadata of the template: descriptive only.');
    if (!SECTIONS.has(name)) problems.unsupported(at, `The section ${name} is not supported.`);
  }
  const globals = valueAt(template, 'Globals');
  if (globals?.kind !== 'map') return;
  for (const [name, { at }] of globals.entries) {
    if (!GLOBALS_WITH_EFFECT.has(name)) problems.ignore(at, `Globals.${name}: resources of this kind are not served.`);
  }
}

function checkTransforms(node: TemplateNode | undefined, problems: Problems): string[] {
  if (node === undefined) return [];
  const items = node.kind === 'list' ? node.items : [node];
  return items.flatMap((item) => {
    const name = textOf(item);
    if (name === undefined || !TRANSFORMS.has(name)) {
      problems.unsupported(item.at, `The transform ${name ?? ''} is not supported: macros run at AWS only.`);
    }
    return name ?? [];
  });
}
