import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Installs the dependencies when the lock file is newer than what is installed, then builds. Ends the process on a failure. */
export function setUp() {
  refuseOldNode();
  if (isOlder('node_modules/.package-lock.json', 'package-lock.json')) {
    // To stderr, so that what the command itself prints stays clean.
    console.error('Installing dependencies (npm ci) ...');
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  }
  run(process.execPath, ['node_modules/typescript/bin/tsc', '-b']);
  const sources = ['wire', 'handler'].map((name) => `packages/${name}/dist/.tsbuildinfo`);
  if (sources.some((source) => isOlder('packages/handler/dist/bundle/index.mjs', source))) {
    run(process.execPath, ['scripts/bundle-handler.js']);
  }
}

function refuseOldNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(
    `Spillway needs Node.js 20.19 or newer; this is ${process.versions.node}. Install a newer one, then run this again.`,
  );
  process.exit(1);
}

function isOlder(made, source) {
  const path = `${ROOT}/${made}`;
  return !existsSync(path) || statSync(path).mtimeMs < statSync(`${ROOT}/${source}`).mtimeMs;
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  console.error(`${[command, ...args].join(' ')} failed${error ? `: ${error.message}` : ''}.`);
  process.exit(1);
}
