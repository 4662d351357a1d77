import { statSync } from 'node:fs';
import { resolve as resolvePath } from 'node:path';
import type { Properties } from '../properties.ts';
import type { ReadContext } from '../read-context.ts';
import { textOf, valueAt } from '../template-node.ts';
import type { TemplateResource } from '../template-resource.ts';

/** The code of a function, or what a layer holds, on this machine. `path` is absolute. */
export interface LocalCode {
  readonly kind: 'directory' | 'zip';
  readonly path: string;
}

/** What to do about code that only AWS has. */
export const IN_A_BUCKET =
  'code in a bucket is not fetched. Give the template before it was packaged, or point it at a local directory or zip file';

/** A directory or zip file, found from where the template is. */
export function localCode(
  name: string,
  path: string,
  properties: Properties,
  { directory, problems }: ReadContext,
): LocalCode | undefined {
  if (/^(?:s3|https?):\/\//.test(path)) {
    problems.unsupported(properties.at(name), `${name} of ${properties.label} is not supported: ${IN_A_BUCKET}.`);
    return undefined;
  }
  const absolute = resolvePath(directory, path);
  const stats = statSync(absolute, { throwIfNoEntry: false });
  if (stats?.isDirectory()) return { kind: 'directory', path: absolute };
  if (stats?.isFile() && /\.(?:zip|jar)$/i.test(absolute)) return { kind: 'zip', path: absolute };
  const found = stats === undefined ? 'does not exist' : 'is neither a directory nor a zip file';
  problems.error(properties.at(name), `${name} of ${properties.label}: ${absolute} ${found}.`);
  return undefined;
}

/** `Metadata: BuildMethod` asks `sam build` for a step that is not taken here; its output says that it was. */
export function warnIfNotBuilt({ logicalId, metadata, at }: TemplateResource, { problems }: ReadContext): void {
  const buildMethod = textOf(valueAt(metadata, 'BuildMethod'));
  if (buildMethod === undefined || valueAt(metadata, 'SamResourceId') !== undefined) return;
  problems.warn(
    at,
    `${logicalId} is built by ${buildMethod}, which Spillway does not run: its code is used as it stands. To run what is deployed, call "sam build" and start .aws-sam/build/template.yaml.`,
  );
}
