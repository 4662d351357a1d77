// npm test: sets up what is missing, then runs every test project (or what the arguments after `--` name).
import { spawnSync } from 'node:child_process';
import { ROOT, setUp } from './setup.js';

setUp();
const { status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)], {
  cwd: ROOT,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
