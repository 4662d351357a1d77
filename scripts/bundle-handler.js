// Builds @spillway/handler/bundle: the download function as one file, from what `tsc -b` made. The AWS SDK stays outside, since Lambda's
// Node.js runtimes hold it.
import { statSync } from 'node:fs';
import { build } from 'esbuild';
import { ROOT } from './setup.js';

const DIRECTORY = `${ROOT}/packages/handler/dist`;
const OUTPUT = `${DIRECTORY}/bundle/index.mjs`;
const MAX_BYTES = 100_000;

await build({
  entryPoints: [`${DIRECTORY}/bundle-entry.js`],
  outfile: OUTPUT,
  bundle: true,
  minify: true,
  keepNames: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  external: ['@aws-sdk/*'],
  legalComments: 'none',
});

const sizeBytes = statSync(OUTPUT).size;
if (sizeBytes > MAX_BYTES) {
  console.error(`The handler's bundle has ${sizeBytes} bytes, more than ${MAX_BYTES}.`);
  process.exitCode = 1;
}
