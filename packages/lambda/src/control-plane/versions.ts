import { randomUUID } from 'node:crypto';
import { apiTime, type FunctionDocument, type VersionDocument } from './function-document.ts';

/** The document with one more version: a copy of `latest`, which nothing changes any more. */
export function published(
  document: FunctionDocument,
  { settings, code }: Pick<VersionDocument, 'settings' | 'code'>,
  description: string = settings.description,
): FunctionDocument {
  const version = {
    version: String(document.nextVersion),
    settings: { ...settings, description },
    code,
    lastModified: apiTime(),
    revisionId: randomUUID(),
  };
  return { ...document, versions: [...document.versions, version], nextVersion: document.nextVersion + 1 };
}

/** The last version, if what it was made of has not changed since. */
export function unchangedVersion(
  { versions }: FunctionDocument,
  latest: Pick<VersionDocument, 'settings' | 'code'>,
): VersionDocument | undefined {
  const last = versions.at(-1);
  return last !== undefined && essence(last) === essence(latest) ? last : undefined;
}

/** All but the description, which a version may have of its own. */
const essence = ({ settings, code }: Pick<VersionDocument, 'settings' | 'code'>) => {
  const sorted = Object.entries({ ...settings, description: '' }).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([sorted, code.kind === 'stored' ? code.sha256 : code]);
};
