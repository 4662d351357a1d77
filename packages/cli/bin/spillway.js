#!/usr/bin/env -S node --single-threaded-gc
// The garbage is buffers of 64 KiB, much of it and short-lived: helper threads cost more than they save (docs/performance.md).
// Committed, since npm links no bin whose file is missing at install; builds when there is nothing built yet.
import { existsSync } from 'node:fs';

if (!existsSync(new URL('../dist/index.js', import.meta.url))) {
  const { setUp } = await import('../../../scripts/setup.js');
  setUp();
}
const { main } = await import('../dist/index.js');
await main(process.argv.slice(2));
