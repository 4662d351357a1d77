import { AwsError } from '@spillway/wire';
import { unzippedBytes } from '../unzip.ts';
import { archiveOf } from './code-locations.ts';
import { functionAnswer, listedFunction } from './function-answer.ts';
import type { FunctionDocument, StoredCode, VersionDocument } from './function-document.ts';
import { functionOf, unqualifiedFunctionOf } from './function-reference.ts';
import { text } from './input-members.ts';
import { type JsonCall, jsonOperation, type LambdaContext, type LambdaOperation } from './lambda-operation.ts';
import { paged } from './paging.ts';
import { unsupported } from './refused-settings.ts';
import type { RegisteredFunction } from './registered-function.ts';
import { checkRevision } from './revision.ts';
import { refuseChange } from './transition.ts';
import { published, unchangedVersion } from './versions.ts';

const VERSIONS = '/2015-03-31/functions/{FunctionName}/versions';

export const versionOperations: readonly LambdaOperation[] = [
  jsonOperation('PublishVersion', { at: `POST ${VERSIONS}`, status: 201, run: publishVersion }),
  jsonOperation('ListVersionsByFunction', { at: `GET ${VERSIONS}`, status: 200, run: listVersions }),
];

async function publishVersion(context: LambdaContext, call: JsonCall): Promise<object> {
  const found = unqualifiedFunctionOf(context, call);
  if (call.input['PublishTo'] !== undefined) throw unsupported('PublishTo');
  const version = await withStoredCode(context, found, (code) =>
    found.change((document) => publish(found, document, { call, code })),
  );
  return functionAnswer(context, found, version, { qualifier: version.version });
}

function publish(
  found: RegisteredFunction,
  document: FunctionDocument,
  { call: { input }, code }: { readonly call: JsonCall; readonly code: StoredCode },
): readonly [FunctionDocument, VersionDocument] {
  refuseChange(found.transition(), found.arn);
  checkRevision(text(input, 'RevisionId'), found.revisionId);
  // Another one may have been uploaded since.
  const current = document.latest.code.kind === 'stored' ? document.latest.code : code;
  checkDigest(text(input, 'CodeSha256'), current.sha256);
  const latest = { ...document.latest, code: current };
  const before = unchangedVersion(document, latest);
  if (before !== undefined) return [document, before];
  const next = published(document, latest, text(input, 'Description') || undefined);
  const version = next.versions.at(-1);
  if (version === undefined) throw new AwsError('ServiceException');
  return [next, version];
}

/** A version keeps its own code: a template's is packed for it. */
async function withStoredCode<T>(
  context: LambdaContext,
  found: RegisteredFunction,
  use: (code: StoredCode) => Promise<T>,
): Promise<T> {
  const { latest } = found.document;
  if (latest.code.kind === 'stored') return use(latest.code);
  return context.code.store(archiveOf(context, found.name, latest), unzippedBytes, use);
}

function checkDigest(asked: string | undefined, current: string): void {
  if (asked === undefined || asked === current) return;
  throw new AwsError('InvalidParameterValueException', {
    message: `CodeSHA256 (${asked}) is different from current CodeSHA256 in $LATEST (${current}). Please try again with the CodeSHA256 in $LATEST.`,
  });
}

async function listVersions(context: LambdaContext, call: JsonCall): Promise<object> {
  const { found } = functionOf(context, call);
  const { latest, versions } = found.document;
  const { items, members } = paged([latest, ...versions], call.query, ({ version }) => version);
  const Versions = items.map((version) => listedFunction(context, found, version, { qualifier: version.version }));
  return { ...members, Versions: await Promise.all(Versions) };
}
