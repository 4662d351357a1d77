import type { Problems } from './problems.ts';
import {
  entryOf,
  listNode,
  type MapEntry,
  type Position,
  scalarNode,
  type TemplateNode,
  textOf,
  unresolved,
  valueAt,
} from './template-node.ts';

/**
 * Values of the template's parameters: the given ones, else the defaults. What is missing or not allowed is reported.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
 */
export function readParameters(
  section: TemplateNode | undefined,
  given: Readonly<Record<string, string>>,
  top: Position,
  problems: Problems,
): Map<string, TemplateNode> {
  const values = new Map<string, TemplateNode>();
  const declared = section?.kind === 'map' ? section.entries : new Map<string, MapEntry>();
  for (const [name, entry] of declared) values.set(name, parameterValue(name, entry, given[name], problems));
  for (const name of Object.keys(given)) {
    if (!declared.has(name))
      problems.error(top, `A value was given for parameter ${name}, which the template does not declare.`);
  }
  return values;
}

function parameterValue(
  name: string,
  { at, value: node }: MapEntry,
  given: string | undefined,
  problems: Problems,
): TemplateNode {
  const type = textOf(valueAt(node, 'Type')) ?? 'String';
  const value = given ?? textOf(valueAt(node, 'Default'));
  if (!KNOWN_TYPES.has(type)) {
    const typeAt = entryOf(node, 'Type')?.at ?? at;
    problems.unsupported(
      typeAt,
      `Parameter ${name} has the type ${type}, which is not supported: String, Number, CommaDelimitedList and List<Number> are.`,
    );
  }
  if (value === undefined) {
    problems.error(at, `Parameter ${name} has no value: it has no Default, and none was given.`);
    return unresolved(at);
  }
  const items = LIST_TYPES.has(type) ? splitList(value) : [value];
  for (const item of items) check(name, item, type, node, at, problems);
  return LIST_TYPES.has(type)
    ? listNode(
        at,
        items.map((item) => scalarNode(at, item)),
      )
    : scalarNode(at, value);
}

const LIST_TYPES: ReadonlySet<string> = new Set(['CommaDelimitedList', 'List<Number>', 'List<String>']);
const KNOWN_TYPES: ReadonlySet<string> = new Set(['String', 'Number', ...LIST_TYPES]);

const splitList = (value: string) => (value === '' ? [] : value.split(',').map((item) => item.trim()));

function check(name: string, value: string, type: string, node: TemplateNode, at: Position, problems: Problems): void {
  for (const rule of RULES) {
    const limit = valueAt(node, rule.property);
    if (limit === undefined || rule.holds(value, limit)) continue;
    const described = textOf(valueAt(node, 'ConstraintDescription'));
    problems.error(
      at,
      `Parameter ${name} is ${JSON.stringify(value)}, which its ${rule.property} does not allow${described === undefined ? '' : ` (${described})`}.`,
    );
  }
  const isNumber = type === 'Number' || type === 'List<Number>';
  if (isNumber && (value.trim() === '' || Number.isNaN(Number(value))))
    problems.error(at, `Parameter ${name} is ${JSON.stringify(value)}, which is no number.`);
}

const RULES: readonly { property: string; holds: (value: string, limit: TemplateNode) => boolean }[] = [
  {
    property: 'AllowedValues',
    holds: (value, limit) => limit.kind !== 'list' || limit.items.some((item) => textOf(item) === value),
  },
  { property: 'AllowedPattern', holds: (value, limit) => matches(value, textOf(limit) ?? '') },
  { property: 'MinLength', holds: (value, limit) => value.length >= Number(textOf(limit)) },
  { property: 'MaxLength', holds: (value, limit) => value.length <= Number(textOf(limit)) },
  { property: 'MinValue', holds: (value, limit) => Number(value) >= Number(textOf(limit)) },
  { property: 'MaxValue', holds: (value, limit) => Number(value) <= Number(textOf(limit)) },
];

function matches(value: string, pattern: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`).test(value);
  } catch {
    // A pattern in Java's syntax only: AWS judges it, we can't.
    return true;
  }
}
