import { percentDecode } from '@spillway/http';
import type { Integration, Method, Resource } from '@spillway/wire';
import { ExecutionError } from './execution-error.ts';

/** A resource's path, split: `/download/{key+}`. */
export interface PathTemplate {
  readonly resource: Resource;
  readonly segments: readonly TemplateSegment[];
}

type TemplateSegment =
  | { readonly kind: 'static'; readonly text: string }
  | { readonly kind: 'parameter' | 'greedy'; readonly name: string };

export interface Route {
  readonly resource: Resource;
  readonly method: Method;
  readonly integration: Integration;
  /** Percent-encoded as sent; a greedy value has no slash at its end. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

/** The templates of an API, most specific first: static before `{param}` before `{proxy+}`, from left to right. */
export function pathTemplates(resources: readonly Resource[]): readonly PathTemplate[] {
  return resources.map((resource) => ({ resource, segments: templateSegments(resource.path) })).sort(moreSpecificFirst);
}

function templateSegments(path: string): readonly TemplateSegment[] {
  return splitPath(path).map((text) => {
    const [, name, plus] = /^\{([^}]+?)(\+)?\}$/.exec(text) ?? [];
    if (name === undefined) return { kind: 'static', text };
    return { kind: plus === undefined ? 'parameter' : 'greedy', name };
  });
}

const RANK = { static: 0, parameter: 1, greedy: 2 } as const;

function moreSpecificFirst(left: PathTemplate, right: PathTemplate): number {
  const shared = Math.min(left.segments.length, right.segments.length);
  for (let index = 0; index < shared; index += 1) {
    const difference = rank(left, index) - rank(right, index);
    if (difference !== 0) return difference;
  }
  return right.segments.length - left.segments.length;
}

const rank = ({ segments }: PathTemplate, index: number) => RANK[segments[index]?.kind ?? 'greedy'];

/**
 * Finds resource and method. The most specific resource that matches the path decides alone: one that lacks the method does not hand
 * over to a greedy sibling.
 * @throws ExecutionError `noSuchRoute` (403 Missing Authentication Token): unknown paths and methods look the same.
 */
export function route(templates: readonly PathTemplate[], httpMethod: string, path: string): Route {
  const segments = splitPath(path);
  for (const template of templates) {
    const pathParameters = matchTemplate(template, segments);
    if (pathParameters !== undefined) return withMethod(template.resource, httpMethod, pathParameters);
  }
  throw new ExecutionError('noSuchRoute', { detail: `the API has no resource for ${path}` });
}

function withMethod(resource: Resource, httpMethod: string, pathParameters: Route['pathParameters']): Route {
  const method = own(resource.methods, httpMethod) ?? own(resource.methods, 'ANY');
  if (method?.integration === undefined) {
    throw new ExecutionError('noSuchRoute', { detail: `resource ${resource.path} has no method ${httpMethod}` });
  }
  return { resource, method, integration: method.integration, pathParameters };
}

/** A slash at the end counts for nothing; slashes within do. */
function splitPath(path: string): string[] {
  const segments = path.split('/');
  const first = segments.findIndex((segment) => segment !== '');
  // No regular expression: one for slashes at the end takes seconds for many of them elsewhere.
  return first < 0 ? [] : segments.slice(first, segments.findLastIndex((segment) => segment !== '') + 1);
}

/** The values of the template's parameters, or undefined when the path is not its. */
function matchTemplate({ segments }: PathTemplate, path: readonly string[]): Record<string, string> | undefined {
  const isGreedy = segments.at(-1)?.kind === 'greedy';
  if (isGreedy ? path.length < segments.length : path.length !== segments.length) return undefined;
  const parameters: [string, string][] = [];
  for (const [index, segment] of segments.entries()) {
    const value = segmentValue(segment, path, index);
    if (value === undefined) return undefined;
    if (segment.kind !== 'static') parameters.push([segment.name, value]);
  }
  return Object.fromEntries(parameters);
}

/** What the path has for this segment; undefined when it does not match. */
function segmentValue(segment: TemplateSegment, path: readonly string[], index: number): string | undefined {
  const text = path[index] ?? '';
  if (segment.kind === 'static')
    return segment.text === text || segment.text === percentDecode(text) ? text : undefined;
  return (segment.kind === 'greedy' ? path.slice(index).join('/') : text) || undefined;
}

const own = <Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;
