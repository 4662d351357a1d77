import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** A program that takes events from a Runtime API. */
export interface RuntimeClient {
  readonly name: string;
  /** Arguments for Node.js. */
  argumentsFor(handler: string): string[];
}

const inRepository = (path: string) => join(import.meta.dirname, '../../..', path);

/** Ours. @throws Error when it was not built. */
export function ourBootstrap(): RuntimeClient {
  const path = inRepository('packages/runtime/dist/bootstrap.js');
  if (!existsSync(path)) throw new Error(`${path} is missing: run "npm run build" first.`);
  return { name: 'bootstrap', argumentsFor: () => [path] };
}

/** The directory whose node_modules hold AWS's client, for scripts/install-conformance.sh. */
export const LAMBDA_RIC_VARIABLE = 'SPILLWAY_AWS_LAMBDA_RIC_DIR';

/** AWS's own, if it is there. @throws Error when the variable names a directory without it. */
export function awsLambdaRic(): RuntimeClient | undefined {
  const directory = process.env[LAMBDA_RIC_VARIABLE];
  if (!directory) return undefined;
  const path = join(directory, 'node_modules/aws-lambda-ric/bin/index.mjs');
  if (!existsSync(path)) throw new Error(`${path} is missing: run "sh scripts/install-conformance.sh ${directory}".`);
  const stub = join(import.meta.dirname, 'rapid-client-stub.cjs');
  return { name: 'aws-lambda-ric 3.3.0', argumentsFor: (handler) => ['-r', stub, path, handler] };
}
