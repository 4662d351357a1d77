// AWS CloudFormation and SAM templates, as far as a REST API with Lambda functions and S3 buckets takes them. Nothing is executed.
// Same as AWS: values of parameters, mappings, conditions and intrinsic functions, by their documentation; what SAM makes of Api
// events, Globals, Cors and the implicit API (compared with the transform's own output). A template that AWS would refuse is
// refused in most cases, not in all: cfn-lint knows more of the schema.
// By design: names that are not set are the logical ID, without a random suffix; API ids outlive a restart; the stack is named after
// its directory; SAM's additional stage "Stage" is not served; AWS::ApiGateway::Deployment is no snapshot, the template as it stands
// is served. IAM, log groups and metadata are read and listed as not enforced.
// Missing, and refused by name: every other resource type, property, transform and function (Fn::ForEach, Fn::ImportValue, macros,
// dynamic references but the web adapter's, nested stacks), layers and code that only AWS has, authorizers, API keys, validators.

import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, resolve as resolvePath } from 'node:path';
import { type Limits, type Stack, UsageError } from '@spillway/wire';
import { Conditions } from './conditions.ts';
import { IncludedFiles } from './included-files.ts';
import type { Scope } from './intrinsic-functions.ts';
import { readOutputs } from './outputs.ts';
import { readParameters } from './parameters.ts';
import { parseTemplate } from './parse-template.ts';
import { Problems } from './problems.ts';
import type { ReadContext } from './read-context.ts';
import { readResourceList } from './read-resources.ts';
import { readStackResources } from './read-stack-resources.ts';
import { References } from './references.ts';
import { readSections } from './sections.ts';
import type { TemplateNode } from './template-node.ts';
import { isServed } from './unsupported.ts';

export interface ReadTemplateOptions {
  /** Path of the template; messages name it as it is given here. */
  readonly file: string;
  readonly region: string;
  readonly limits: Limits;
  /** Values of the template's Parameters; the others take their defaults. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** What is not supported becomes a warning and is left out. */
  readonly ignoreUnsupported?: boolean;
}

/**
 * Reads a SAM or CloudFormation template, YAML or JSON, into what Spillway serves.
 * @throws UsageError that lists every problem as `file:line:column: message`.
 */
export async function readTemplate(options: ReadTemplateOptions): Promise<Stack> {
  const problems = new Problems(options.ignoreUnsupported ?? false);
  const template = parseTemplate(await readText(options.file), options.file, problems);
  problems.throwIfAny(options.file);
  const stack = template === undefined ? undefined : readStack(template, options, problems);
  problems.throwIfAny(options.file);
  if (stack === undefined) throw new UsageError(`Template ${options.file} is empty.`);
  return stack;
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    throw new UsageError(`The template ${resolvePath(file)} ${reason}. Name one with --template FILE.`, {
      cause: error,
    });
  }
}

function readStack(template: TemplateNode, options: ReadTemplateOptions, problems: Problems): Stack {
  const { file, region, limits } = options;
  const sections = readSections(template, problems);
  const parameters = readParameters(sections.parameters, options.parameters ?? {}, sections.top, problems);
  const conditions = new Conditions(sections.conditions);
  const identity = { stackName: stackNameOf(file), region };
  const directory = dirname(resolvePath(file));

  // Conditions cannot refer to resources, so they are worked out in a scope that has none.
  const included = new IncludedFiles(directory, problems);
  const scopeOf = (references: References): Scope => {
    const scope: Scope = {
      problems,
      mappings: sections.mappings,
      ref: (name, at) => references.ref(name, at, scope),
      getAtt: (logicalId, attribute, at) => references.getAtt(logicalId, attribute, at, scope),
      condition: (name, at) => conditions.isTrue(name, at, early),
      include: (location, at) => included.read(location, at),
    };
    return scope;
  };
  const none = { resources: new Map(), leftOut: new Map(), unserved: new Set<string>() };
  const early = scopeOf(new References({ ...identity, ...none, parameters }));
  conditions.checkAll(early);

  const { created, referable, leftOut } = readResourceList(sections, conditions, early, problems);
  const unserved = new Set(created.filter(({ type }) => !isServed(type)).map(({ logicalId }) => logicalId));
  const scope = scopeOf(new References({ ...identity, resources: referable, leftOut, unserved, parameters }));
  const context: ReadContext = { file, directory, limits, scope, problems, ...identity };
  const resources = readStackResources(created, context);
  const outputs = readOutputs(sections.outputs, context);
  const { warnings, notEnforced } = problems;
  return { name: identity.stackName, ...resources, outputs, warnings, notEnforced };
}

/**
 * The name of the directory that holds the template, or of the file when it is not called `template`. The output of `sam build`
 * belongs to the same stack as its source.
 */
function stackNameOf(file: string): string {
  const path = resolvePath(file);
  const base = basename(path, extname(path));
  const directory = dirname(path).replace(/[\\/]\.aws-sam[\\/]build$/, '');
  const name = base === 'template' ? basename(directory) : base;
  return name.replaceAll(/[^A-Za-z0-9]+/g, '-').replaceAll(/^-+|-+$/g, '') || 'stack';
}
