import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** A program that stands between the Runtime API and a web app. */
export interface WebAdapter {
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
}

/** Ours. @throws Error when it was not built. */
export function ourWebAdapter(): WebAdapter {
  const path = join(import.meta.dirname, '../../../packages/runtime/dist/web-adapter.js');
  if (!existsSync(path)) throw new Error(`${path} is missing: run "npm run build" first.`);
  return { name: 'web-adapter', command: process.execPath, arguments: [path] };
}

/** The path of AWS's own binary, for scripts/install-conformance.sh. */
export const LWA_VARIABLE = 'SPILLWAY_LWA_BINARY';

/** AWS's own, if it is there. @throws Error when the variable names a file that is not. */
export function awsWebAdapter(): WebAdapter | undefined {
  const command = process.env[LWA_VARIABLE];
  if (!command) return undefined;
  if (!existsSync(command)) throw new Error(`${command} is missing: see scripts/install-conformance.sh.`);
  return { name: 'lambda_web_adapter 1.0.0-rc1', command, arguments: [] };
}
