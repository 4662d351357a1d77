import { fileURLToPath } from 'node:url';

/**
 * Path of the ready-made function: one file, `index.mjs`, handler `index.handler`, without the AWS SDK, which Lambda's Node.js runtimes
 * hold. Its directory can be a function's `CodeUri`. Built by `npm run build`.
 */
export const BUNDLE_PATH: string = fileURLToPath(new URL('../dist/bundle/index.mjs', import.meta.url));
