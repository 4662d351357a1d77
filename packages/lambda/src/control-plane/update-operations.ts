import { randomUUID } from 'node:crypto';
import { CODE_REQUEST_BYTES, withCode } from './code-input.ts';
import { functionAnswer } from './function-answer.ts';
import {
  apiTime,
  type FunctionDocument,
  type FunctionSettings,
  type StoredCode,
  type VersionDocument,
} from './function-document.ts';
import { checkRunnable } from './function-operations.ts';
import { unqualifiedFunctionOf } from './function-reference.ts';
import { architectureOf, changedSettings } from './function-settings.ts';
import { flag, text } from './input-members.ts';
import { type JsonCall, jsonOperation, type LambdaContext, type LambdaOperation } from './lambda-operation.ts';
import { refuseUnsupportedSettings } from './refused-settings.ts';
import type { RegisteredFunction } from './registered-function.ts';
import { checkRevision } from './revision.ts';
import { published, unchangedVersion } from './versions.ts';

const FUNCTION = '/2015-03-31/functions/{FunctionName}';

export const updateOperations: readonly LambdaOperation[] = [
  jsonOperation('UpdateFunctionConfiguration', {
    at: `PUT ${FUNCTION}/configuration`,
    status: 200,
    run: updateConfiguration,
  }),
  jsonOperation('UpdateFunctionCode', {
    at: `PUT ${FUNCTION}/code`,
    status: 200,
    limitBytes: CODE_REQUEST_BYTES,
    run: updateCode,
  }),
];

async function updateConfiguration(context: LambdaContext, call: JsonCall): Promise<object> {
  const found = unqualifiedFunctionOf(context, call);
  const { input } = call;
  await found.changeLatest((document) => {
    checkRevision(text(input, 'RevisionId'), found.revisionId);
    const { latest } = document;
    const settings = changedSettings(latest.settings, input, context.layers);
    checkRunnable(context, found.name, settings, latest.code);
    return [{ ...document, latest: changed(latest, { settings }) }, undefined];
  });
  return functionAnswer(context, found, found.document.latest);
}

async function updateCode(context: LambdaContext, call: JsonCall): Promise<object> {
  const found = unqualifiedFunctionOf(context, call);
  const { input } = call;
  refuseUnsupportedSettings(input);
  return withCode(context, input, async (code) => {
    if (flag(input, 'DryRun')) return dryRun(context, found, call, code);
    const version = await found.changeLatest((document) => {
      const next = withNewCode(context, found, document, { call, code });
      return [next, flag(input, 'Publish') ? next.versions.at(-1) : undefined];
    });
    return functionAnswer(context, found, version ?? found.document.latest, { qualifier: version?.version });
  });
}

interface NewCode {
  readonly call: JsonCall;
  readonly code: StoredCode;
}

function withNewCode(
  context: LambdaContext,
  found: RegisteredFunction,
  document: FunctionDocument,
  { call: { input }, code }: NewCode,
): FunctionDocument {
  checkRevision(text(input, 'RevisionId'), found.revisionId);
  const settings = { ...document.latest.settings, ...architectureOf(input) };
  checkRunnable(context, found.name, settings, code);
  if (document.latest.code.kind === 'directory') {
    context.report(
      `Function ${found.name}: from now until the next start its code is the zip that was uploaded; ${document.latest.code.path} is not looked at.`,
    );
  }
  const latest = changed(document.latest, { settings, code });
  const next = { ...document, latest };
  if (!flag(input, 'Publish') || unchangedVersion(document, latest)) return next;
  return published(next, latest);
}

/** Tells what the function would be. */
async function dryRun(
  context: LambdaContext,
  found: RegisteredFunction,
  { input }: JsonCall,
  code: StoredCode,
): Promise<object> {
  checkRevision(text(input, 'RevisionId'), found.revisionId);
  const { latest } = found.document;
  checkRunnable(context, found.name, latest.settings, code);
  return functionAnswer(context, found, { ...latest, code });
}

const changed = (
  latest: VersionDocument,
  change: { readonly settings: FunctionSettings; readonly code?: StoredCode },
): VersionDocument => ({ ...latest, ...change, lastModified: apiTime(), revisionId: randomUUID() });
