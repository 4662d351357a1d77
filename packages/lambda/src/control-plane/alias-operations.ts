import { randomUUID } from 'node:crypto';
import { AwsError } from '@spillway/wire';
import { functionNotFound } from '../function-name.ts';
import { findAlias } from './aliases.ts';
import { Constraints } from './constraints.ts';
import type { AliasDocument, FunctionDocument } from './function-document.ts';
import { unqualifiedFunctionOf } from './function-reference.ts';
import { type Input, structure, text } from './input-members.ts';
import { type JsonCall, jsonOperation, type LambdaContext, type LambdaOperation } from './lambda-operation.ts';
import { paged } from './paging.ts';
import { unsupported } from './refused-settings.ts';
import type { RegisteredFunction } from './registered-function.ts';
import { checkRevision } from './revision.ts';

const ALIASES = '/2015-03-31/functions/{FunctionName}/aliases';
const ALIAS = `${ALIASES}/{Name}`;

/** Aliases of one version each: routing to two of them is missing. */
export const aliasOperations: readonly LambdaOperation[] = [
  jsonOperation('CreateAlias', { at: `POST ${ALIASES}`, status: 201, run: createAlias }),
  jsonOperation('ListAliases', { at: `GET ${ALIASES}`, status: 200, run: listAliases }),
  jsonOperation('GetAlias', {
    at: `GET ${ALIAS}`,
    status: 200,
    run: (context, call) => {
      const { found, alias, arn } = aliasOf(context, call);
      if (alias === undefined) throw notFound(`Cannot find alias arn: ${arn}`);
      return aliasAnswer(found, alias);
    },
  }),
  jsonOperation('UpdateAlias', { at: `PUT ${ALIAS}`, status: 200, run: updateAlias }),
  jsonOperation('DeleteAlias', { at: `DELETE ${ALIAS}`, status: 204, run: deleteAlias }),
];

const NAME_PATTERN = '(?!^[0-9]+$)([a-zA-Z0-9-_]+)';

async function createAlias(context: LambdaContext, call: JsonCall): Promise<object> {
  const found = unqualifiedFunctionOf(context, call);
  const { input } = call;
  const name = text(input, 'Name');
  const version = text(input, 'FunctionVersion');
  const constraints = new Constraints().required('name', name).required('functionVersion', version);
  constraints.pattern('name', name, NAME_PATTERN).length('name', name, 128, 1).hold();
  const alias = { name: name ?? '', version: version ?? '', description: '', revisionId: randomUUID(), ...said(input) };
  await found.change((document) => {
    if (findAlias(document, alias.name)) {
      throw new AwsError('ResourceConflictException', { message: `Alias already exists: ${found.arn}:${alias.name}` });
    }
    checkVersion(context, document, alias.version);
    return [{ ...document, aliases: [...document.aliases, alias] }, undefined];
  });
  return aliasAnswer(found, alias);
}

function listAliases(context: LambdaContext, call: JsonCall): object {
  const found = unqualifiedFunctionOf(context, call);
  const { FunctionVersion: version } = call.query;
  const sorted = [...found.document.aliases].sort((a, b) => (a.name < b.name ? -1 : 1));
  const listed = sorted.filter((alias) => !version || alias.version === version);
  const { items, members } = paged(listed, call.query, ({ name }) => name);
  return { ...members, Aliases: items.map((alias) => aliasAnswer(found, alias)) };
}

async function updateAlias(context: LambdaContext, call: JsonCall): Promise<object> {
  const { found, name, arn } = aliasOf(context, call);
  const changed = await found.change((document) => {
    const before = findAlias(document, name);
    if (before === undefined) throw notFound(`Alias not found: ${arn}`);
    checkRevision(text(call.input, 'RevisionId'), before.revisionId);
    const alias = { ...before, ...said(call.input), revisionId: randomUUID() };
    checkVersion(context, document, alias.version);
    return [{ ...document, aliases: document.aliases.map((each) => (each === before ? alias : each)) }, alias];
  });
  return aliasAnswer(found, changed);
}

/** An alias that is not there is deleted well. */
async function deleteAlias(context: LambdaContext, call: JsonCall): Promise<undefined> {
  const { found, name } = aliasOf(context, call);
  await found.change((document) => {
    const aliases = document.aliases.filter((alias) => alias.name !== name);
    const { [name]: _, ...policies } = document.policies;
    return [{ ...document, aliases, policies }, undefined];
  });
  await context.functionUrls.deleteAllOf({ name: found.name, qualifier: name });
}

/** @throws AwsError `InvalidParameterValueException` for weights. */
function said(input: Input): Partial<Pick<AliasDocument, 'version' | 'description'>> {
  const routing = structure(input, 'RoutingConfig');
  if (routing && Object.keys(structure(routing, 'AdditionalVersionWeights') ?? {}).length > 0) {
    throw unsupported('RoutingConfig.AdditionalVersionWeights');
  }
  const version = text(input, 'FunctionVersion');
  const description = text(input, 'Description');
  const constraints = new Constraints().length('description', description, 256);
  constraints.pattern('functionVersion', version, '(\\$LATEST(\\.PUBLISHED)?|[0-9]+)').hold();
  return { ...(version !== undefined && { version }), ...(description !== undefined && { description }) };
}

function checkVersion({ region }: LambdaContext, document: FunctionDocument, version: string): void {
  const { functionName, latest, versions } = document;
  if ([latest, ...versions].some((each) => each.version === version)) return;
  throw functionNotFound(region, { name: functionName, qualifier: version });
}

function aliasOf(context: LambdaContext, call: JsonCall) {
  const found = unqualifiedFunctionOf(context, call);
  const name = call.parameters['Name'] ?? '';
  return { found, name, alias: findAlias(found.document, name), arn: `${found.arn}:${name}` };
}

const aliasAnswer = (found: RegisteredFunction, { name, version, description, revisionId }: AliasDocument): object => ({
  AliasArn: `${found.arn}:${name}`,
  Name: name,
  FunctionVersion: version,
  Description: description,
  RevisionId: revisionId,
});

const notFound = (message: string) => new AwsError('ResourceNotFoundException', { message });
