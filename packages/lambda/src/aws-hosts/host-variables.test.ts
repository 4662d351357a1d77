import type { FunctionConfiguration } from '@spillway/wire';
import { expect, test } from 'vitest';
import { hostVariables } from './host-variables.ts';

const PROXY = 'http://spillway:secret@127.0.0.1:1';

const variablesOf = (runtime: string, environment: Record<string, string> = {}) =>
  hostVariables({
    configuration: { runtime, environment } as unknown as FunctionConfiguration,
    proxyUrl: PROXY,
    nodeHookPath: '/my hook.cjs',
    authorityPath: '/var/.shared/ca.pem',
    bundlePath: '/var/.shared/ca-bundle.pem',
    bundlePathWith: async (path) => (path === '/var/task/own.pem' ? '/var/.shared/own.pem' : undefined),
  });

const NODE = { SPILLWAY_AWS_HOSTS: PROXY, SPILLWAY_AWS_HOSTS_CA: '/var/.shared/ca.pem' };

test('Node.js gets a hook and no proxy', async () => {
  expect(await variablesOf('nodejs22.x')).toEqual({
    variables: { NODE_OPTIONS: '--require="/my hook.cjs"', ...NODE },
    notes: [],
  });
  const { variables } = await variablesOf('nodejs22.x', { NODE_OPTIONS: '--enable-source-maps' });
  expect(variables['NODE_OPTIONS']).toBe('--require="/my hook.cjs" --enable-source-maps');
});

test('Python gets a proxy and whom to trust', async () => {
  const bundle = '/var/.shared/ca-bundle.pem';
  const { variables, notes } = await variablesOf('python3.12', { NO_PROXY: 'example.com' });
  expect(variables).toEqual({
    HTTPS_PROXY: PROXY,
    https_proxy: PROXY,
    NO_PROXY: 'example.com,localhost,127.0.0.1',
    no_proxy: 'example.com,localhost,127.0.0.1',
    SSL_CERT_FILE: bundle,
    REQUESTS_CA_BUNDLE: bundle,
    CURL_CA_BUNDLE: bundle,
    AWS_CA_BUNDLE: bundle,
  });
  expect(notes).toEqual([]);
});

test('what runs on a system alone may be anything', async () => {
  const { variables } = await variablesOf('provided.al2023');
  expect(variables).toMatchObject({ HTTPS_PROXY: PROXY, NODE_OPTIONS: '--require="/my hook.cjs"', ...NODE });
});

test.each(['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'])("%s of the function's own counts", async (name) => {
  const { variables, notes } = await variablesOf('python3.12', { [name]: 'http://proxy.example.com:3128' });
  expect(variables).toEqual({});
  expect(notes).toEqual([expect.stringContaining(`${name} is the function's own`)]);
});

test('a bundle of its own is kept, and completed', async () => {
  const { variables } = await variablesOf('python3.12', { SSL_CERT_FILE: '/var/task/own.pem' });
  expect(variables).toMatchObject({
    SSL_CERT_FILE: '/var/.shared/own.pem',
    REQUESTS_CA_BUNDLE: '/var/.shared/ca-bundle.pem',
  });
  const { variables: none, notes } = await variablesOf('python3.12', { AWS_CA_BUNDLE: '/var/task/missing.pem' });
  expect(none).toEqual({});
  expect(notes).toEqual([expect.stringContaining('AWS_CA_BUNDLE')]);
});
