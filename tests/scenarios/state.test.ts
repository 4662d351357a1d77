import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Command, spillway } from './support/command.ts';
import { type Kind, kinds, makeBucketOfObjects } from './support/kept-resources.ts';
import { makeWorkspace, type Workspace } from './support/system.ts';

const READY = /^Ready on (http:\/\/127\.0\.0\.1:\d+)$/m;
const TEMPLATE = 'Resources:\n  Made:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: of-the-template\n';

let workspace: Workspace;
const commands: Command[] = [];

beforeAll(async () => {
  workspace = await makeWorkspace({ 'template.yaml': TEMPLATE });
});
afterEach(async () => {
  for (const command of commands.splice(0)) await kill(command);
});
afterAll(() => workspace?.remove());

function start(state: string): Command {
  const template = `${workspace.path}/template.yaml`;
  const args = ['start', '--port', '0', '--state', `${workspace.path}/${state}`, '--template', template];
  const command = spillway(args);
  commands.push(command);
  return command;
}

async function kill(command: Command): Promise<void> {
  command.child.kill('SIGKILL');
  await command.ended();
}

/** A number below 1 for each call, the same at every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What a resource may be now: as acknowledged, or as a call that nobody answered would have made it. Undefined: not there. */
type Allowed = readonly (number | undefined)[];

/** One client that writes one call after the other, and knows what it was told. */
class Writer {
  readonly known = new Map<string, Allowed>();
  readonly #random: () => number;
  acknowledged = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** One write. @throws when the server is gone. */
  async write(kind: Kind): Promise<void> {
    const there = [...this.known].flatMap(([id, [value]]) => (value === undefined ? [] : [{ id, value }]));
    const chosen = there[Math.floor(this.#random() * there.length)];
    const dice = this.#random();
    if (chosen === undefined || dice < 0.4) {
      const id = `${kind.name}-${this.known.size}`;
      await this.#tell(id, undefined, 0, () => kind.make(id));
    } else if (dice < 0.85) {
      // A REST API's resources are only ever added to.
      const value = kind.name === 'api' ? chosen.value + 1 : 1 + Math.floor(this.#random() * 9);
      await this.#tell(chosen.id, chosen.value, value, () => kind.change(chosen.id, value));
    } else await this.#tell(chosen.id, chosen.value, undefined, () => kind.remove(chosen.id));
  }

  async #tell(id: string, before: number | undefined, after: number | undefined, call: () => Promise<unknown>) {
    this.known.set(id, [before, after]);
    await call();
    this.known.set(id, [after]);
    this.acknowledged += 1;
  }

  /** Everything acknowledged is there, and nothing else. */
  async check(kind: Kind): Promise<void> {
    const found = await kind.read();
    for (const id of found.keys()) expect(this.known.has(id), `${id} was never made`).toBe(true);
    for (const [id, allowed] of this.known) {
      const value = found.get(id);
      expect(allowed, `${id} is ${value}`).toContainEqual(value);
      this.known.set(id, [value]);
    }
  }
}

describe('a server with --state that is killed', () => {
  it.each([1, 2])(
    'has all that it acknowledged, and nothing half-written (seed %i)',
    { timeout: 300_000 },
    async (seed) => {
      const random = seeded(seed);
      let command = start(`state-${seed}`);
      let [, url = ''] = await command.printed(READY);
      await makeBucketOfObjects(url);
      const writers = kinds(url).map((kind) => new Writer(seeded(seed * 100 + kind.name.length)));
      const total = () => writers.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
      while (total() < 250) {
        const target = total() + 20 + Math.floor(random() * 40);
        await writeUntilKilled(writers, kinds(url), command, () => total() >= target);
        command = start(`state-${seed}`);
        [, url = ''] = await command.printed(READY);
        const read = kinds(url);
        await Promise.all(writers.map((writer, index) => writer.check(read[index] as Kind)));
      }
      // What is kept of a function is more than its name.
      const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
      const lambda = new LambdaClient({ endpoint: url, region: 'us-east-1', credentials });
      const { Functions: [first] = [] } = await lambda.send(new ListFunctionsCommand({}));
      const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: first?.FunctionName }));
      expect(JSON.parse(Buffer.from(Payload ?? []).toString())).toBe(first?.FunctionName);
    },
  );
});

/** Every writer writes, each at its own pace, until the moment has come; what is on its way then gets no answer. */
async function writeUntilKilled(
  writers: readonly Writer[],
  now: readonly Kind[],
  command: Command,
  isTime: () => boolean,
): Promise<void> {
  let isKilled = false;
  const killInTime = () => {
    if (isKilled || !isTime()) return;
    isKilled = true;
    command.child.kill('SIGKILL');
  };
  const unlessKilled = (error: unknown) => {
    if (!isKilled) throw error;
  };
  const write = async (writer: Writer, kind: Kind) => {
    while (!isKilled) {
      await writer.write(kind).catch(unlessKilled);
      killInTime();
    }
  };
  await Promise.all(writers.map((writer, index) => write(writer, now[index] as Kind)));
  await command.ended();
}

it('a state directory has one server at a time', async () => {
  const first = start('shared');
  await first.printed(READY);
  const second = start('shared');
  expect(await second.ended()).toBe(1);
  expect(second.stderr()).toContain('is in use by another spillway');
  await kill(first);
  await start('shared').printed(READY);
});

it('a state that is damaged, or of another version, is refused and left as it is', async () => {
  const first = start('damaged');
  await first.printed(READY);
  await kill(first);
  await workspace.write({ 'damaged/state.mdb': 'garbage '.repeat(1000) });
  const second = start('damaged');
  expect(await second.ended()).toBe(1);
  expect(second.stderr()).toMatch(/^spillway: The state in .*state\.mdb is damaged/);
});
