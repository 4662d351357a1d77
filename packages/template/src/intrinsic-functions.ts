import type { Problems } from './problems.ts';
import { publicParameter } from './public-parameters.ts';
import { parseSubstitution, type SubstitutionPart } from './substitution.ts';
import {
  holdsUnresolved,
  listNode,
  type MapEntry,
  type MapNode,
  mapNode,
  type Position,
  plain,
  scalarNode,
  type TemplateNode,
  textOf,
  unresolved,
  valueAt,
} from './template-node.ts';

/** What intrinsic functions may look up. Each reports what it does not find and answers with an unresolved node. */
export interface Scope {
  readonly problems: Problems;
  readonly mappings: TemplateNode | undefined;
  /** Undefined for `AWS::NoValue`. */
  ref(name: string, at: Position): TemplateNode | undefined;
  getAtt(logicalId: string, attribute: string, at: Position): TemplateNode;
  /** The value of a condition by its name. */
  condition(name: string, at: Position): boolean;
  /** The file that an `AWS::Include` names. */
  include(location: string, at: Position): TemplateNode;
}

type IntrinsicFunction = (argument: TemplateNode, scope: Scope, at: Position) => TemplateNode | undefined;

/**
 * Resolves every intrinsic function in `node`. Undefined means `AWS::NoValue`: the property is as if it were not there.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
export function resolve(node: TemplateNode, scope: Scope): TemplateNode | undefined {
  if (node.kind === 'list')
    return listNode(
      node.at,
      node.items.flatMap((item) => resolve(item, scope) ?? []),
    );
  if (node.kind === 'map') return functionCall(node) === undefined ? resolveMap(node, scope) : call(node, scope);
  return checkDynamicReference(node, scope);
}

/**
 * Whether `node` is `AWS::NoValue`, also by way of conditions. Nothing else of it is resolved, so that nothing is reported of a property
 * that has no effect here.
 */
export function isNoValue(node: TemplateNode, scope: Scope): boolean {
  const { name, entry } = functionCall(node) ?? {};
  if (name === 'Ref') return textOf(entry?.value) === 'AWS::NoValue';
  if (name !== 'Fn::If' || entry?.value.kind !== 'list') return false;
  const [condition, whenTrue, whenFalse] = entry.value.items;
  const conditionName = textOf(condition);
  if (condition === undefined || conditionName === undefined) return false;
  const chosen = scope.condition(conditionName, condition.at) ? whenTrue : whenFalse;
  return chosen !== undefined && isNoValue(chosen, scope);
}

/** Name and argument when `node` is a call: a map of one key that is `Ref` or `Fn::...`. */
export function functionCall(node: TemplateNode): { name: string; entry: MapEntry } | undefined {
  if (node.kind !== 'map' || node.entries.size !== 1) return undefined;
  const [call] = node.entries;
  return call !== undefined && isFunctionName(call[0]) ? { name: call[0], entry: call[1] } : undefined;
}

const isFunctionName = (name: string) => name === 'Ref' || name.startsWith('Fn::');

function resolveMap(node: MapNode, scope: Scope): TemplateNode {
  const entries: [string, MapEntry][] = [];
  for (const [key, { at, value }] of node.entries) {
    if (key.startsWith('Fn::')) {
      scope.problems.unsupported(at, `${key} beside other keys is not supported.`);
      continue;
    }
    const resolved = resolve(value, scope);
    if (resolved !== undefined) entries.push([key, { at, value: resolved }]);
  }
  return mapNode(node.at, entries);
}

function checkDynamicReference(node: TemplateNode, scope: Scope): TemplateNode {
  const reference = /\{\{resolve:[^}]*\}\}/.exec(textOf(node) ?? '');
  if (reference === null) return node;
  const value = publicParameter(textOf(node) ?? '', textOf(scope.ref('AWS::Region', node.at)) ?? '');
  if (value !== undefined) return scalarNode(node.at, value);
  scope.problems.unsupported(
    node.at,
    `The dynamic reference ${reference[0]} is not supported: Spillway asks no other service for values. Use a parameter.`,
  );
  return unresolved(node.at);
}

function call(node: MapNode, scope: Scope): TemplateNode | undefined {
  const { name, entry } = functionCall(node) ?? {};
  if (name === undefined || entry === undefined) return node;
  const known = FUNCTIONS[name];
  if (known !== undefined) return known(entry.value, scope, node.at);
  scope.problems.unsupported(entry.at, `${name} is not supported${UNSUPPORTED_FUNCTIONS[name] ?? ''}.`);
  return unresolved(node.at);
}

const UNSUPPORTED_FUNCTIONS: Readonly<Record<string, string>> = {
  'Fn::ImportValue': ': exports of other stacks are not shared. Use a parameter',
  'Fn::GetAZs': ': there are no Availability Zones on one machine',
};

const FUNCTIONS: Readonly<Record<string, IntrinsicFunction>> = {
  Ref: (argument, scope, at) => {
    const name = textOf(argument);
    return name === undefined ? wrong(scope, at, 'Ref', 'one name') : scope.ref(name, at);
  },
  'Fn::GetAtt': getAtt,
  'Fn::Sub': sub,
  'Fn::Join': join,
  'Fn::Split': split,
  'Fn::Select': select,
  'Fn::If': (argument, scope, at) => {
    const [name, whenTrue, whenFalse] = argument.kind === 'list' ? argument.items : [];
    const condition = textOf(name);
    if (condition === undefined || whenTrue === undefined || whenFalse === undefined) {
      return wrong(scope, at, 'Fn::If', 'a condition name and two values');
    }
    return resolve(scope.condition(condition, name?.at ?? at) ? whenTrue : whenFalse, scope);
  },
  'Fn::FindInMap': findInMap,
  'Fn::Transform': transform,
  'Fn::Base64': (argument, scope, at) =>
    withText(argument, scope, at, 'Fn::Base64', (text) => Buffer.from(text).toString('base64')),
  'Fn::Length': (argument, scope, at) => {
    const value = resolve(argument, scope);
    if (value?.kind === 'unresolved') return value;
    return value?.kind === 'list' ? scalarNode(at, value.items.length) : wrong(scope, at, 'Fn::Length', 'a list');
  },
  'Fn::ToJsonString': (argument, scope, at) => {
    const value = resolve(argument, scope);
    if (value === undefined || value.kind === 'scalar')
      return wrong(scope, at, 'Fn::ToJsonString', 'an object or a list');
    return holdsUnresolved(value) ? unresolved(at) : scalarNode(at, JSON.stringify(plain(value)));
  },
};

function wrong(scope: Scope, at: Position, name: string, wanted: string): TemplateNode {
  scope.problems.error(at, `${name} takes ${wanted}.`);
  return unresolved(at);
}

function withText(
  argument: TemplateNode,
  scope: Scope,
  at: Position,
  name: string,
  use: (text: string) => string,
): TemplateNode {
  const value = resolve(argument, scope);
  if (value?.kind === 'unresolved') return value;
  const text = textOf(value);
  return text === undefined ? wrong(scope, at, name, 'text') : scalarNode(at, use(text));
}

function getAtt(argument: TemplateNode, scope: Scope, at: Position): TemplateNode {
  const [logicalId, attribute] =
    argument.kind === 'list' ? listed(argument.items, scope) : dotted(textOf(argument) ?? '');
  if (logicalId === undefined || attribute === undefined || attribute === '') {
    return wrong(scope, at, 'Fn::GetAtt', 'a logical ID and an attribute');
  }
  return scope.getAtt(logicalId, attribute, at);
}

const listed = (items: readonly TemplateNode[], scope: Scope): [string | undefined, string | undefined] => {
  const [logicalId, ...attribute] = items.map((item) => textOf(resolve(item, scope)));
  return [logicalId, attribute.join('.')];
};

const dotted = (text: string): [string, string] => {
  const dot = text.indexOf('.');
  return dot < 0 ? [text, ''] : [text.slice(0, dot), text.slice(dot + 1)];
};

function sub(argument: TemplateNode, scope: Scope, at: Position): TemplateNode {
  const [template, variables] = argument.kind === 'list' ? argument.items : [argument];
  const text = textOf(template);
  if (text === undefined || (variables !== undefined && variables.kind !== 'map')) {
    return wrong(scope, at, 'Fn::Sub', 'text, or text and a map of variables');
  }
  const values = parseSubstitution(text).map((part) => substitute(part, variables, scope, template?.at ?? at));
  if (values.some((value) => value === undefined)) return unresolved(at);
  return checkDynamicReference(scalarNode(at, values.join('')), scope);
}

function substitute(
  part: SubstitutionPart,
  variables: TemplateNode | undefined,
  scope: Scope,
  at: Position,
): string | undefined {
  if (part.kind === 'text') return part.text;
  const own = valueAt(variables, part.name);
  const value = own === undefined ? lookUp(part.name, scope, at) : resolve(own, scope);
  if (value?.kind === 'unresolved') return undefined;
  const text = textOf(value);
  if (text === undefined) scope.problems.error(at, `Variable ${part.name} in Fn::Sub does not resolve to text.`);
  return text;
}

function lookUp(name: string, scope: Scope, at: Position): TemplateNode | undefined {
  const [logicalId, attribute] = dotted(name);
  return attribute === '' ? scope.ref(name, at) : scope.getAtt(logicalId, attribute, at);
}

function join(argument: TemplateNode, scope: Scope, at: Position): TemplateNode {
  const [delimiter, list] = argumentsOf(argument, scope);
  if (delimiter?.kind === 'unresolved' || (list !== undefined && holdsUnresolved(list))) return unresolved(at);
  const texts = list?.kind === 'list' ? list.items.map(textOf) : [undefined];
  const separator = textOf(delimiter);
  if (separator === undefined || texts.includes(undefined))
    return wrong(scope, at, 'Fn::Join', 'a delimiter and a list of texts');
  return scalarNode(at, texts.join(separator));
}

function split(argument: TemplateNode, scope: Scope, at: Position): TemplateNode {
  const [delimiter, source] = argumentsOf(argument, scope);
  if (source?.kind === 'unresolved') return source;
  const separator = textOf(delimiter);
  const text = textOf(source);
  if (!separator || text === undefined) return wrong(scope, at, 'Fn::Split', 'a delimiter and a text');
  return listNode(
    at,
    text.split(separator).map((piece) => scalarNode(at, piece)),
  );
}

function select(argument: TemplateNode, scope: Scope, at: Position): TemplateNode {
  const [index, list] = argumentsOf(argument, scope);
  if (index?.kind === 'unresolved' || list?.kind === 'unresolved') return unresolved(at);
  const position = Number(textOf(index) ?? Number.NaN);
  if (!Number.isInteger(position) || list?.kind !== 'list')
    return wrong(scope, at, 'Fn::Select', 'an index and a list');
  const item = list.items[position];
  if (item !== undefined) return item;
  scope.problems.error(at, `Fn::Select cannot take item ${position} of a list of ${list.items.length}.`);
  return unresolved(at);
}

const argumentsOf = (argument: TemplateNode, scope: Scope): (TemplateNode | undefined)[] =>
  argument.kind === 'list' ? argument.items.map((item) => resolve(item, scope)) : [];

function findInMap(argument: TemplateNode, scope: Scope, at: Position): TemplateNode | undefined {
  const items = argument.kind === 'list' ? argument.items : [];
  const keys = items.slice(0, 3).map((item) => resolve(item, scope));
  if (keys.some((key) => key?.kind === 'unresolved')) return unresolved(at);
  const [map, first, second] = keys.map(textOf);
  if (map === undefined || first === undefined || second === undefined) {
    return wrong(scope, at, 'Fn::FindInMap', 'a map name and two keys');
  }
  const found = valueAt(valueAt(valueAt(scope.mappings, map), first), second);
  if (found !== undefined) return resolve(found, scope);
  const fallback = valueAt(items[3], 'DefaultValue');
  if (fallback !== undefined) return resolve(fallback, scope);
  scope.problems.error(at, `Mappings hold nothing for ${map}, ${first}, ${second}.`);
  return unresolved(at);
}

/** `AWS::Include` is the one macro that needs no AWS. */
function transform(argument: TemplateNode, scope: Scope, at: Position): TemplateNode | undefined {
  const name = textOf(valueAt(argument, 'Name'));
  const location = valueAt(valueAt(argument, 'Parameters'), 'Location');
  if (name !== 'AWS::Include' || location === undefined) {
    scope.problems.unsupported(at, `Fn::Transform with ${name ?? 'no name'} is not supported: macros run at AWS only.`);
    return unresolved(at);
  }
  const path = resolve(location, scope);
  const text = textOf(path);
  return text === undefined ? unresolved(at) : resolve(scope.include(text, at), scope);
}
