import { AwsError, UsageError } from '@spillway/wire';
import { parseFunctionName } from '../function-name.ts';
import { CODE_REQUEST_BYTES, checkTotalSize, withCode } from './code-input.ts';
import { Constraints } from './constraints.ts';
import { functionAnswer, listedFunction } from './function-answer.ts';
import { apiTime, type FunctionSettings, LATEST, type VersionDocument } from './function-document.ts';
import { functionOf, versionOf } from './function-reference.ts';
import { newSettings } from './function-settings.ts';
import { flag, type Input, structure, text, textMap } from './input-members.ts';
import { type JsonCall, jsonOperation, type LambdaContext, type LambdaOperation } from './lambda-operation.ts';
import { paged } from './paging.ts';
import { unsupported } from './refused-settings.ts';
import { newDocument, type RegisteredFunction } from './registered-function.ts';
import { checkTags } from './tags.ts';
import { configurationOf } from './version-configuration.ts';
import { published } from './versions.ts';

const FUNCTIONS = '/2015-03-31/functions';
const FUNCTION = `${FUNCTIONS}/{FunctionName}`;

/** CreateFunction, reads, lists and DeleteFunction. */
export const functionOperations: readonly LambdaOperation[] = [
  jsonOperation('CreateFunction', {
    at: `POST ${FUNCTIONS}`,
    status: 201,
    limitBytes: CODE_REQUEST_BYTES,
    run: createFunction,
  }),
  jsonOperation('ListFunctions', { at: `GET ${FUNCTIONS}`, status: 200, run: listFunctions }),
  jsonOperation('GetFunction', { at: `GET ${FUNCTION}`, status: 200, run: getFunction }),
  jsonOperation('GetFunctionConfiguration', {
    at: `GET ${FUNCTION}/configuration`,
    status: 200,
    run: (context, call) => {
      const { found, version, ...options } = versionOf(context, call);
      return functionAnswer(context, found, version, options);
    },
  }),
  jsonOperation('DeleteFunction', { at: `DELETE ${FUNCTION}`, status: 204, run: deleteFunction }),
];

async function createFunction(context: LambdaContext, { input }: JsonCall): Promise<object> {
  const functionName = newName(input, context.region);
  const settings = newSettings(input, context.layers);
  const tags = checkTags(textMap(input, 'Tags') ?? {});
  if (context.functions.find(functionName)) {
    throw new AwsError('ResourceConflictException', { message: `Function already exist: ${functionName}` });
  }
  return withCode(context, structure(input, 'Code') ?? {}, async (code) => {
    checkRunnable(context, functionName, settings, code);
    const latest = { settings, code, lastModified: apiTime() };
    const document = newDocument(functionName, latest, { tags });
    const isPublished = flag(input, 'Publish') ?? false;
    const made = await context.functions.register(isPublished ? published(document, document.latest) : document);
    const { latest: shown, versions } = made.document;
    return functionAnswer(context, made, versions[0] ?? shown, { qualifier: versions[0]?.version });
  });
}

function newName(input: Input, region: string): string {
  const functionName = text(input, 'FunctionName');
  new Constraints().required('functionName', functionName).required('code', input['Code']).hold();
  const { name, qualifier = LATEST } = parseFunctionName(functionName ?? '', region);
  new Constraints().pattern('functionName', name, '[a-zA-Z0-9-_]+').length('functionName', name, 64).hold();
  if (qualifier === LATEST) return name;
  throw new AwsError('InvalidParameterValueException', { message: 'A function is created without a version.' });
}

/** @throws AwsError `InvalidParameterValueException` for a runtime that nothing here can start, or too large code and layers. */
export function checkRunnable(
  context: LambdaContext,
  functionName: string,
  settings: FunctionSettings,
  code: VersionDocument['code'],
): void {
  const version = { version: LATEST, settings, code, lastModified: '', revisionId: '' };
  if (code.kind === 'stored') checkTotalSize(code, settings);
  try {
    context.functions.check(configurationOf(functionName, version, context.code));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new AwsError('InvalidParameterValueException', { message: error.message, cause: error });
  }
}

async function getFunction(context: LambdaContext, call: JsonCall): Promise<object> {
  const { found, version, ...options } = versionOf(context, call);
  const { tags, reservedConcurrentExecutions } = found.document;
  return {
    Configuration: await functionAnswer(context, found, version, options),
    Code: { RepositoryType: 'S3', Location: codeLocation(context, found.name, version.code) },
    ...(Object.keys(tags).length > 0 && { Tags: tags }),
    ...(reservedConcurrentExecutions !== undefined && {
      Concurrency: { ReservedConcurrentExecutions: reservedConcurrentExecutions },
    }),
  };
}

const codeLocation = ({ locations }: LambdaContext, functionName: string, code: VersionDocument['code']) =>
  code.kind === 'stored' ? locations.ofCode(code) : locations.ofFunction(functionName);

async function listFunctions(context: LambdaContext, { query }: JsonCall): Promise<object> {
  if (query['MasterRegion']) throw unsupported('MasterRegion');
  new Constraints().oneOf('functionVersion', query['FunctionVersion'] || undefined, ['ALL']).hold();
  const isAll = query['FunctionVersion'] === 'ALL';
  const listed = context.functions.all().flatMap((found) => {
    const { latest, versions } = found.document;
    return (isAll ? [latest, ...versions] : [latest]).map((version) => ({ found, version }));
  });
  const { items, members } = paged(listed, query, ({ found, version }) => `${found.name}:${version.version}`);
  const Functions = items.map(({ found, version }) =>
    listedFunction(context, found, version, isAll ? { qualifier: version.version } : {}),
  );
  return { ...members, Functions: await Promise.all(Functions) };
}

async function deleteFunction(context: LambdaContext, call: JsonCall): Promise<undefined> {
  const { found, qualifier } = functionOf(context, call);
  if (qualifier === undefined) {
    await context.functions.delete(found, () => context.functionUrls.deleteAllOf({ name: found.name }));
    return;
  }
  if (qualifier === LATEST) {
    throw new AwsError('InvalidParameterValueException', {
      message: '$LATEST version cannot be deleted without deleting the function.',
    });
  }
  await deleteVersion(context, found, qualifier);
}

/** A version that is not there is deleted well. */
async function deleteVersion(context: LambdaContext, found: RegisteredFunction, version: string): Promise<void> {
  await found.change((document) => {
    const aliases = document.aliases.filter((alias) => alias.version === version).map(({ name }) => name);
    if (aliases.length > 0) {
      throw new AwsError('ResourceConflictException', {
        message: `Unable to delete version because the following aliases reference it: [${aliases.join(', ')}]`,
      });
    }
    const versions = document.versions.filter((each) => each.version !== version);
    const { [version]: _, ...policies } = document.policies;
    return [{ ...document, versions, policies }, undefined];
  });
  await found.closeVersion(version);
  context.functions.sweepCode();
}
