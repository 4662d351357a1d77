// What publint finds wrong with any workspace package.
import { readdirSync } from 'node:fs';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { ROOT } from './setup.js';

for (const name of readdirSync(`${ROOT}/packages`)) {
  const pkgDir = `${ROOT}/packages/${name}`;
  const { messages, pkg } = await publint({ pkgDir, strict: true, pack: false });
  for (const message of messages) {
    console.error(`${name}: ${formatMessage(message, pkg)}`);
    process.exitCode = 1;
  }
}
