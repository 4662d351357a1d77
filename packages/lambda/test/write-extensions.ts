import { chmod, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DirectoryLayer } from '@spillway/wire';

/**
 * What the script of an extension may use: `call`, `register(events)`, `next()` and `log`. It runs until it exits: one that is done with its
 * script and has nothing open ends with 0.
 */
const PRELUDE = `#!/usr/bin/env node
const http = require('http');
const name = require('path').basename(__filename);
const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const log = (line) => require('fs').writeSync(1, line + '\\n');
let id;
function call(method, path, headers = {}, body = '') {
  return new Promise((resolve, reject) => {
    const request = http.request({ hostname, port, method, path, headers }, async (response) => {
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += chunk;
      resolve({ status: response.statusCode, headers: response.headers, text });
    });
    request.on('error', reject);
    request.end(body);
  });
}
const extension = (method, path, more, body) =>
  call(method, '/2020-01-01/extension/' + path, { 'Lambda-Extension-Identifier': id, ...more }, body);
async function register(events, more) {
  const answer = await call('POST', '/2020-01-01/extension/register', { 'Lambda-Extension-Name': name, ...more }, JSON.stringify({ events }));
  id = answer.headers['lambda-extension-identifier'];
  return answer;
}
const next = async () => JSON.parse((await extension('GET', 'event/next')).text);
const ended = (error) => { log(String(error.stack)); process.exit(9); };
`;

/** Makes a layer below `directory` of the extensions with these names and scripts, each of which runs in an async function. */
export async function writeExtensions(
  directory: string,
  scripts: Readonly<Record<string, string>>,
): Promise<DirectoryLayer> {
  const path = await mkdtemp(join(directory, 'layer-'));
  await mkdir(join(path, 'extensions'));
  for (const [name, script] of Object.entries(scripts)) {
    const isWhole = script.startsWith('#!') || script === '';
    await writeFile(
      join(path, 'extensions', name),
      isWhole ? script : `${PRELUDE}(async () => {\n${script}\n})().catch(ended);\n`,
    );
    await chmod(join(path, 'extensions', name), 0o755);
  }
  return { kind: 'directory', path, name: 'test' };
}
