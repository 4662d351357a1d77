import { expect, it } from 'vitest';
import type { AdapterOptions } from './adapter-options.ts';
import type { AppClient } from './app-client.ts';
import { Readiness } from './readiness.ts';

const options = {
  asyncInit: true,
  readiness: { url: new URL('http://127.0.0.1:1/'), protocol: 'http', isHealthy: () => true },
} as unknown as AdapterOptions;

const readinessOf = (check: () => Promise<boolean>) =>
  new Readiness(options, { check } as unknown as AppClient, () => {});

it('asks many times in async init, and Node.js has nothing to warn of', async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => warnings.push(warning);
  process.on('warning', onWarning);
  let asked = 0;
  const check = () => {
    asked += 1;
    return Promise.resolve(asked === 15);
  };
  await readinessOf(check).atInit();
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', onWarning);
  expect(asked).toBe(15);
  expect(warnings).toEqual([]);
});
