import type { Stack } from '@spillway/wire';
import { Properties } from './properties.ts';
import type { ReadContext } from './read-context.ts';
import type { TemplateNode } from './template-node.ts';

/** The values of the template's Outputs; those whose condition is false are left out. */
export function readOutputs(section: TemplateNode | undefined, context: ReadContext): Stack['outputs'] {
  if (section?.kind !== 'map') return [];
  return [...section.entries].flatMap(([name, { at, value }]) => {
    if (value.kind !== 'map') return [];
    return readOutput(name, new Properties(`Output ${name}`, at, value.entries, context.scope), context);
  });
}

function readOutput(name: string, properties: Properties, { scope, problems }: ReadContext): Stack['outputs'] {
  const condition = properties.text('Condition');
  if (condition !== undefined && !scope.condition(condition, properties.at('Condition'))) return [];
  if (!properties.has('Value')) problems.error(properties.start, `${properties.label} has no Value.`);
  const description = properties.text('Description');
  const value = properties.text('Value');
  if (value === undefined) return [];
  return [{ name, value, ...(description === undefined ? {} : { description }) }];
}
