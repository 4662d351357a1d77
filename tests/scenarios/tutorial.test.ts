import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { type Local, startLocal } from '../../packages/local/src/index.ts';
import { VENDORED_FOR, WEB_EXAMPLES } from './support/examples.ts';
import { type Printed, Shell } from './support/shell.ts';
import { isAsShown, mayFail, type TutorialStep, tutorialSteps } from './support/tutorial-steps.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TUTORIAL = readFileSync(`${ROOT}/docs/tutorial.md`, 'utf8');
const DOCUMENTED_ADDRESS = 'http://127.0.0.1:4566';

const runs = (command: string) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;

const missingFor = (name: string) => WEB_EXAMPLES.find((example) => example.name === name)?.missing;
const NEEDED = [...(runs('aws') ? [] : ['aws']), ...(runs('python3') ? [] : ['python3'])];
const VARIANTS = ['node', 'python-stdlib', 'python-fastapi'].map((variant) => {
  const missing = [...NEEDED, ...[missingFor(variant) ?? []].flat()];
  return {
    variant,
    isSkipped: missing.length > 0,
    title: [variant, ...missing.map((what) => `(needs ${what})`)].join(' '),
  };
});

/** What the document installs from a registry has been installed for the tests. */
const INSTALLED = `python3() {
  if [ "$1 $2 $3" = '-m pip install' ]; then cp -r "$VENDORED" "$WORK/code/vendor"; else command python3 "$@"; fi
}`;

/** Log lines come after the client's answer, but no longer than this, ms. */
const LOG_DELAY_MS = 20_000;

async function play(shell: Shell, step: TutorialStep): Promise<Printed> {
  const endMs = step.command.startsWith('aws logs') ? performance.now() + LOG_DELAY_MS : 0;
  while (true) {
    const printed = await shell.run(step.command);
    if (step.shown === undefined || isAsShown(printed.text, step.shown) || performance.now() > endMs) return printed;
  }
}

describe.each(VARIANTS)('docs/tutorial.md, $title', ({ variant, isSkipped }) => {
  let local: Local | undefined;
  let shell: Shell | undefined;
  afterEach(async () => {
    await shell?.close();
    await local?.close();
  });

  it.skipIf(isSkipped)(
    'prints what it shows, line by line',
    async () => {
      const interpreters = new Map(VENDORED_FOR === undefined ? [] : [['python3.12', VENDORED_FOR] as const]);
      local = await startLocal({ templates: [], port: 0, interpreters });
      const { PATH = '', SPILLWAY_FASTAPI_DIR = '' } = process.env;
      const vendored = SPILLWAY_FASTAPI_DIR || `${ROOT}/examples/python-fastapi/src/vendor`;
      const env = {
        PATH,
        HOME: '/nonexistent',
        LC_ALL: 'C.UTF-8',
        AWS_EC2_METADATA_DISABLED: 'true',
        VENDORED: vendored,
      };
      shell = new Shell(ROOT, env);
      if (existsSync(vendored)) await shell.run(INSTALLED);
      for (const step of tutorialSteps(TUTORIAL.replaceAll(DOCUMENTED_ADDRESS, local.url), variant)) {
        const at = `docs/tutorial.md:${step.line}\n${step.command}`;
        const { text, exitCode } = await play(shell, step);
        if (step.shown !== undefined && !isAsShown(text, step.shown)) expect(text, at).toBe(step.shown);
        expect(exitCode === 0 || mayFail(step.shown), `${at}\nended with ${exitCode}: ${text}`).toBe(true);
      }
    },
    600_000,
  );
});
