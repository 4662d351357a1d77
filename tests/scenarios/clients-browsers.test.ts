// Browsers as they are installed, against the download function: one row each in docs/clients.md.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Browser, chromium, type Download } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClientTarget, JAPANESE_NAME, startClientTarget } from './support/client-target.ts';
import { programPath, sha256Of } from './support/client-tools.ts';
import { type Firefox, startFirefox } from './support/firefox.ts';
import { makeWorkspace, type Workspace } from './support/system.ts';

const CHROMIUM = programPath('chromium', 'chromium-browser', 'google-chrome');
const FIREFOX = programPath('firefox-esr', 'firefox');

let target: ClientTarget;
let workspace: Workspace;
let sha256 = '';

beforeAll(async () => {
  workspace = await makeWorkspace();
  target = await startClientTarget();
  sha256 = createHash('sha256').update(target.bytes).digest('hex');
});
afterAll(async () => {
  await target?.close();
  await workspace?.remove();
});

describe.skipIf(CHROMIUM === undefined)('Chromium (needs chromium)', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: CHROMIUM ?? '',
      args: ['--no-sandbox'],
      downloadsPath: join(workspace.path, 'chromium'),
    });
  });
  afterAll(() => browser?.close());

  /** Follows a link to it, and waits for its end. */
  async function download(url: string): Promise<Download> {
    const page = await browser.newPage();
    await page.setContent('<a>save</a>');
    await page.$eval('a', (link, href) => link.setAttribute('href', href), url);
    const [begun] = await Promise.all([page.waitForEvent('download'), page.click('a')]);
    await begun.failure();
    return begun;
  }

  it('saves it under its own name', async () => {
    const done = await download(target.url);
    expect(await done.failure()).toBeNull();
    expect(done.suggestedFilename()).toBe(JAPANESE_NAME);
    expect(sha256Of(await done.path())).toBe(sha256);
  });

  it('resumes by itself when it is cut', async () => {
    const { objectUrl, played } = await target.faulty('cut', 1);
    const done = await download(objectUrl);
    expect(await done.failure()).toBeNull();
    expect(played.get('cut')).toBe(1);
    expect(sha256Of(await done.path())).toBe(sha256);
  });

  it('fails when it is cut again and again, and leaves no file but one that says so', async () => {
    const { objectUrl } = await target.faulty('cut', 1000);
    const failed = await download(objectUrl);
    expect(await failed.failure()).toBeTruthy();
    await expect(failed.path()).rejects.toThrow();
    const files = readdirSync(join(workspace.path, 'chromium')).filter((name) => !name.endsWith('.crdownload'));
    expect(files.map((name) => sha256Of(join(workspace.path, 'chromium', name)))).toEqual(files.map(() => sha256));
  });
});

describe.skipIf(FIREFOX === undefined)('Firefox (needs firefox)', () => {
  let firefox: Firefox;
  beforeAll(async () => {
    firefox = await startFirefox(FIREFOX ?? '', workspace.path);
  });
  afterAll(() => firefox?.close());

  it('saves it under its own name', async () => {
    const done = await firefox.download(target.url);
    expect(done).toMatchObject({ isSucceeded: true, isFailed: false });
    expect(basename(done.path)).toBe(JAPANESE_NAME);
    expect(sha256Of(done.path)).toBe(sha256);
  });

  it('fails when it is cut, keeps no byte of it, and begins again when told to', async () => {
    const { objectUrl } = await target.faulty('cut', 1);
    const failed = await firefox.download(objectUrl);
    expect(failed).toMatchObject({ isSucceeded: false, isFailed: true });
    // Its place holder stays.
    expect(existsSync(failed.path) ? statSync(failed.path).size : 0).toBe(0);
    expect(existsSync(`${failed.path}.part`)).toBe(false);
    const again = await firefox.download(objectUrl);
    expect(again.isSucceeded).toBe(true);
    expect(sha256Of(again.path)).toBe(sha256);
  });
});
