import { createHash } from 'node:crypto';
import type { LambdaFunction } from '../lambda-function.ts';
import { archiveOf } from './code-locations.ts';
import type { VersionDocument } from './function-document.ts';
import type { LambdaContext } from './lambda-operation.ts';
import type { RegisteredFunction } from './registered-function.ts';

interface CodeFacts {
  /** Base64. */
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** Of templates' code, by how often it had changed. */
const known = new WeakMap<LambdaFunction, { readonly generation: number; readonly facts: Promise<CodeFacts> }>();

/** Digest and size of a version's zip; of a template's code, of the zip that it would be. @throws UsageError when it is there no more. */
export async function codeFacts(
  context: LambdaContext,
  found: RegisteredFunction,
  version: VersionDocument,
): Promise<CodeFacts> {
  if (version.code.kind === 'stored') return version.code;
  const running = found.running(version.version);
  const generation = await running.codeGeneration();
  const before = known.get(running);
  if (before?.generation === generation) return before.facts;
  const facts = digest(context, found.name, version);
  known.set(running, { generation, facts });
  facts.catch(() => known.delete(running));
  return facts;
}

async function digest(context: LambdaContext, functionName: string, version: VersionDocument): Promise<CodeFacts> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of archiveOf(context, functionName, version)) {
    hash.update(chunk);
    sizeBytes += chunk.byteLength;
  }
  return { sha256: hash.digest('base64'), sizeBytes };
}
