import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Command, npmStart, spillway } from './support/command.ts';
import { curl } from './support/curl.ts';
import { family, isAlive } from './support/processes.ts';
import { logicalId, stackFiles, streaming } from './support/stack.ts';
import { makeWorkspace, type Workspace } from './support/system.ts';
import { leftIn } from './support/temporary.ts';

const READY = /^Ready on (http:\/\/127\.0\.0\.1:(\d+))$/m;

const HEADER_SIGNED =
  'Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0';

const commands: Command[] = [];
const workspaces: Workspace[] = [];

afterEach(async () => {
  for (const command of commands.splice(0)) {
    command.child.kill('SIGKILL');
    await command.ended();
  }
  for (const workspace of workspaces.splice(0)) await workspace.remove();
});

let temporary: Workspace;

beforeEach(async () => {
  temporary = await workspaceOf({});
});

function run(...args: readonly string[]): Command {
  const command = spillway(args, { TMPDIR: temporary.path });
  commands.push(command);
  return command;
}

async function workspaceOf(files: Readonly<Record<string, string>>): Promise<Workspace> {
  const workspace = await makeWorkspace(files);
  workspaces.push(workspace);
  return workspace;
}

const HELLO = stackFiles([
  {
    name: 'hello',
    path: '/hello',
    mode: 'STREAM',
    source: streaming("console.log('greeted'); await write('hello'); stream.end();"),
  },
]);
const routeUrl = (command: Command, path: string) =>
  new RegExp(`(http:\\S+${path})$`, 'm').exec(command.stdout())?.[1] ?? '';

describe('spillway start', () => {
  it('prints one screen in one write, whose last line says Ready, and ends well on Ctrl-C', async () => {
    const command = run('start', '--port', '0');
    const writes: string[] = [];
    command.child.stdout?.on('data', (text: string) => writes.push(text));
    await command.printed(READY);
    expect(writes).toHaveLength(1);
    expect(command.stdout().trimEnd().split('\n').at(-1)).toMatch(READY);
    expect(command.stdout().indexOf('STREAM')).toBeLessThan(command.stdout().indexOf('BUFFERED'));
    expect(command.stdout()).toContain("29 s at AWS's pace");
    expect(command.stdout()).toContain('--limits off');

    const [, line = ''] = /^\s+curl (.*請求書.*)$/m.exec(command.stdout()) ?? [];
    const url = line.split(' ').at(-1) ?? '';
    expect(await curl(url)).toMatchObject({ exitCode: 0, status: 200 });
    const started = family(command.pid).map(({ pid }) => pid);
    expect(started.length).toBeGreaterThan(1);

    command.child.kill('SIGINT');
    expect(await command.ended()).toBe(0);
    expect(started.filter(isAlive)).toEqual([]);
    expect(leftIn(temporary.path)).toEqual([]);
  });

  it('serves the demo: 64 MiB whole, by the printed curl line', async () => {
    const command = run('start', '--port', '0', '--limits', 'off');
    await command.printed(READY);
    const [, url = ''] = /^\s+curl .* (\S+sample-64MiB\.bin)$/m.exec(command.stdout()) ?? [];
    const result = await curl(url);
    expect(result).toMatchObject({ exitCode: 0, status: 200, sizeBytes: 64 * 1_048_576 });
    const [, origin = ''] = READY.exec(command.stdout()) ?? [];
    const [, bucketName = ''] =
      /<Name>([^<]+)<\/Name>/.exec((await curl(origin, '--header', HEADER_SIGNED)).text) ?? [];
    const stored = await curl(`${origin}/${bucketName}/videos/sample-64MiB.bin`);
    expect(result.sha256).toBe(stored.sha256);
    expect(result.headers.get('content-type')).toBe(stored.headers.get('content-type'));
    expect(result.headers.get('content-disposition')).toContain('sample-64MiB.bin');

    const head = await curl(url, '--head');
    for (const name of ['content-type', 'content-disposition', 'content-length']) {
      expect(head.headers.get(name)).toBe(result.headers.get(name));
    }
  });

  it("refuses the large object on the demo's BUFFERED route and says why", async () => {
    const command = run('start', '--port', '0');
    const [, , port = ''] = await command.printed(READY);
    const url = /^\s+curl .* (\S+buffered\S+sample-64MiB\.bin)$/m.exec(command.stdout())?.[1] ?? '';
    expect(await curl(url)).toMatchObject({ status: 502, exitCode: 0 });
    // The line comes after the answer: the function's part of the invocation ends later.
    await run('logs', 'BufferedDownloadFunction', '--follow', '--port', port).printed(/\[spillway\].*STREAM/);
    const small = /^\s+curl .* (\S+buffered\S+\.pdf)$/m.exec(command.stdout())?.[1] ?? '';
    const streamed = await curl(small.replace('/buffered/', '/download/'));
    expect(await curl(small)).toMatchObject({ status: 200, sha256: streamed.sha256 });
  });

  it('runs templates, each a stack with its own API', async () => {
    const one = await workspaceOf(HELLO);
    const two = await workspaceOf(
      Object.fromEntries(
        Object.entries(HELLO)
          .map(([name, text]) => [
            name,
            text
              .replaceAll('hello', 'goodbye')
              .replaceAll('Hello', 'Goodbye')
              .replaceAll('scenario-objects', 'other-objects'),
          ])
          .map(([name = '', text = '']) => [name.replace('hello', 'goodbye'), text]),
      ),
    );
    const command = run(
      'start',
      '--port',
      '0',
      '--template',
      `${one.path}/template.yaml`,
      '--template',
      `${two.path}/template.yaml`,
    );
    await command.printed(READY);
    const [hello, goodbye] = [routeUrl(command, '/hello'), routeUrl(command, '/goodbye')];
    expect(await curl(hello)).toMatchObject({ text: 'hello' });
    expect(await curl(goodbye)).toMatchObject({ text: 'goodbye' });
    expect(hello.split('/')[5]).not.toBe(goodbye.split('/')[5]);
  });
});

describe('npm start', () => {
  it('ends with 0 on Ctrl-C, and leaves no process', async () => {
    const command = npmStart(['--port', '0'], { TMPDIR: temporary.path });
    commands.push(command);
    await command.printed(READY);
    const started = family(command.pid).map(({ pid }) => pid);
    process.kill(-command.pid, 'SIGINT');
    expect(await command.ended()).toBe(0);
    expect(started.filter(isAlive)).toEqual([]);
    expect(leftIn(temporary.path)).toEqual([]);
  });
});

describe('spillway logs', () => {
  it('shows and follows what CloudWatch Logs would', async () => {
    const workspace = await workspaceOf(HELLO);
    const command = run('start', '--port', '0', '--template', `${workspace.path}/template.yaml`);
    const [, , port = ''] = await command.printed(READY);
    await curl(routeUrl(command, '/hello'));
    const follower = run('logs', logicalId('hello'), '--follow', '--port', port);
    await follower.printed(
      /INIT_START[\s\S]*START RequestId: [\s\S]*greeted[\s\S]*END RequestId: [\s\S]*REPORT RequestId: /,
    );
    await curl(routeUrl(command, '/hello'));
    await follower.printed(/(?:REPORT[\s\S]*){2}/);
    expect(follower.stdout().match(/INIT_START/g)).toHaveLength(1);
  });

  it('says what to do when there is no server or no such function', async () => {
    const command = run('start', '--port', '0');
    const [, , port = ''] = await command.printed(READY);
    const unknown = run('logs', 'Nobody', '--port', port);
    expect(await unknown.ended()).toBe(1);
    expect(unknown.stderr()).toContain('DownloadFunction');
    command.child.kill('SIGINT');
    await command.ended();
    const alone = run('logs', 'DownloadFunction', '--port', port);
    expect(await alone.ended()).toBe(1);
    expect(alone.stderr()).toContain('spillway start');
  });
});

describe('bad input gets a clear error and loses nothing', () => {
  async function refused(...args: readonly string[]): Promise<string> {
    const command = run(...args);
    expect(await command.ended()).toBe(1);
    expect(command.stdout()).toBe('');
    expect(command.stderr()).not.toContain('    at ');
    expect(leftIn(temporary.path)).toEqual([]);
    return command.stderr();
  }

  it('a port in use', async () => {
    const command = run('start', '--port', '0');
    const [, , port = ''] = await command.printed(READY);
    expect(await refusedBeside(command, 'start', '--port', port)).toMatch(
      new RegExp(`Port ${port}.*in use.*--port 0`, 's'),
    );
  });

  async function refusedBeside(running: Command, ...args: readonly string[]): Promise<string> {
    const command = run(...args);
    expect(await command.ended()).toBe(1);
    expect(isAlive(running.pid)).toBe(true);
    return command.stderr();
  }

  it('a template that does not parse: file, line, column', async () => {
    const workspace = await workspaceOf({ 'template.yaml': 'Resources:\n  A:\n   - b\n  c: [unclosed\n' });
    expect(await refused('start', '--port', '0', '--template', `${workspace.path}/template.yaml`)).toMatch(
      /template\.yaml:\d+:\d+/,
    );
  });

  it('a template that does not exist', async () => {
    expect(await refused('start', '--port', '0', '--template', '/nonexistent/template.yaml')).toContain(
      '/nonexistent/template.yaml',
    );
  });

  it('an unsupported resource type: file, line and reason', async () => {
    const workspace = await workspaceOf({ 'template.yaml': 'Resources:\n  Table:\n    Type: AWS::DynamoDB::Table\n' });
    expect(await refused('start', '--port', '0', '--template', `${workspace.path}/template.yaml`)).toMatch(
      /template\.yaml:[23]:\d+.*AWS::DynamoDB::Table/,
    );
  });

  it('a second start on the same state directory, whose first goes on', async () => {
    const workspace = await workspaceOf({});
    const first = run('start', '--port', '0', '--state', `${workspace.path}/state`);
    await first.printed(READY);
    expect(await refusedBeside(first, 'start', '--port', '0', '--state', `${workspace.path}/state`)).toContain(
      'in use',
    );
    first.child.kill('SIGTERM');
    expect(await first.ended()).toBe(0);
    const second = run('start', '--port', '0', '--state', `${workspace.path}/state`);
    await second.printed(READY);
  });

  it.each([
    [['start', '--prot', '1'], '--prot'],
    [['start', '--port', '70000'], '--port'],
    [['start', '--limits', 'some'], '--limits'],
    [['start', '--limit', 'noSuchLimit=1'], 'lambdaStreamBytesPerSecond'],
    [['start', '--limit', 'preludeBytes=x'], 'preludeBytes'],
    [['start', '--credentials', 'nocolon'], 'KEY:SECRET'],
    [['begin'], 'start, logs'],
    [['logs'], 'one function'],
  ])('%j', async (args, text) => {
    expect(await refused(...args)).toContain(text);
  });

  it('--help and --version', async () => {
    for (const args of [['--help'], ['start', '--help'], ['logs', '--help'], ['--version'], ['start', '--version']]) {
      const command = run(...args);
      expect(await command.ended()).toBe(0);
      expect(command.stdout()).not.toBe('');
    }
  });
});

describe('a server that is killed outright', () => {
  it('has no environments 2 s later, and the next start removes what it left', async () => {
    const workspace = await workspaceOf(
      stackFiles([
        {
          name: 'stays',
          path: '/stays',
          mode: 'STREAM',
          source: streaming("await write('x'); for (;;) await sleep(1000);"),
        },
      ]),
    );
    const command = run('start', '--port', '0', '--template', `${workspace.path}/template.yaml`);
    await command.printed(READY);
    const client = spawn('curl', ['--silent', '--no-buffer', routeUrl(command, '/stays')], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(client.stdout, 'data');
    const below = family(command.pid).filter(({ pid }) => pid !== command.pid);
    expect(below.some(({ command: line }) => line.includes('bootstrap'))).toBe(true);
    command.child.kill('SIGKILL');
    const killedMs = performance.now();
    while (below.some(({ pid }) => isAlive(pid))) {
      expect(performance.now() - killedMs).toBeLessThan(2000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const next = run('start', '--port', '0', '--template', `${workspace.path}/template.yaml`);
    await next.printed(READY);
    next.child.kill('SIGINT');
    expect(await next.ended()).toBe(0);
    expect(leftIn(temporary.path)).toEqual([]);
  });
});
