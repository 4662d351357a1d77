import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { curl } from './support/curl.ts';
import { stackFiles, streaming } from './support/stack.ts';
import { type System, startSystem } from './support/system.ts';

const says = (text: string) => streaming(`await write('${text}'); stream.end();`);

let system: System;

beforeAll(async () => {
  system = await startSystem(
    stackFiles([
      { name: 'says', path: '/says', mode: 'STREAM', source: says('one') },
      {
        name: 'imports',
        path: '/imports',
        mode: 'BUFFERED',
        source:
          "import { text } from './lib/text.mjs';\nexport const handler = async () => ({ statusCode: 200, body: text });",
      },
    ]),
  );
  await system.workspace.write({ 'imports/lib/text.mjs': "export const text = 'old';" });
});
afterAll(() => system?.close());

describe("a function's changed code", () => {
  it('serves the next invocation, without a restart', async () => {
    expect((await curl(system.url('/says'))).text).toBe('one');
    for (const text of ['two', 'three', 'four']) {
      await system.workspace.write({ 'says/index.mjs': says(text) });
      expect((await curl(system.url('/says'))).text).toBe(text);
    }
  });

  it('is seen in files below too', async () => {
    expect((await curl(system.url('/imports'))).text).toBe('old');
    await system.workspace.write({ 'imports/lib/text.mjs': "export const text = 'new';" });
    expect((await curl(system.url('/imports'))).text).toBe('new');
  });
});
