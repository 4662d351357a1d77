import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type ListeningSocket, listeningSockets, parseSocketTable } from './listening-sockets.ts';
import { OutputHints } from './output-hints.ts';

const hints = (...sockets: readonly ListeningSocket[]) =>
  new OutputHints({ handler: 'run.sh', listeningSockets: () => sockets });

describe('a line that tells of a trap is followed by what to do', () => {
  test.each([
    [`/var/task/run.sh: line 2: $'\\r': command not found`, /line ends of Windows.*sed -i 's\/\\r\$\/\/' run\.sh/],
    [
      '/opt/bootstrap: /var/task/run.sh: /bin/bash^M: bad interpreter: No such file or directory',
      /line ends of Windows/,
    ],
    [
      "ModuleNotFoundError: No module named 'fastapi.responses'",
      /^\[spillway\] fastapi\.responses is not in .*pip install --target/,
    ],
    ['/var/lang/bin/python3: No module named uvicorn', /uvicorn is not in the function's package/],
    ['/var/task/run.sh: line 3: exec: uvicorn: not found', /There is no uvicorn on the PATH.*python3 -m NAME/],
    ['/var/task/run.sh: line 3: gunicorn: command not found', /There is no gunicorn on the PATH/],
    ['Error: listen EADDRINUSE: address already in use 127.0.0.1:8080', /port is taken.*variable PORT/],
    ['OSError: [Errno 98] Address already in use', /port is taken/],
  ])('%s', (line, expected) => {
    expect(hints().read(`${line}\n`)).toMatch(expected);
  });

  test('once, until the processes are started anew', () => {
    const once = hints();
    const line = "ModuleNotFoundError: No module named 'a'\n";
    expect(once.read(line)).toMatch(/^\[spillway\] a .*\n$/);
    expect(once.read(line)).toBeUndefined();
    once.reset();
    expect(once.read(line)).toBeDefined();
  });

  test('others are not', () => {
    for (const line of ['GET / 200\n', '\n', 'app is ready\n', 'No module named as such\n']) {
      expect(hints().read(line)).toBeUndefined();
    }
  });
});

describe('an app that never becomes ready', () => {
  const LINE = 'INFO app is not ready after 2000ms url=http://127.0.0.1:8080/healthz\n';
  const JSON_LINE =
    '{"level":"INFO","fields":{"message":"app is not ready after 4000ms","url":"http://127.0.0.1:8080/healthz"}}\n';

  test.each([
    ['listens nowhere', [], /asks http:\/\/127\.0\.0\.1:8080\/healthz .*nothing listens yet.*AWS_LWA_ASYNC_INIT/],
    ['listens elsewhere', [{ address: '0.0.0.0', port: 3000 }], /listens on port 3000, .*asks http:.*:8080.*PORT/],
    ['listens for others', [{ address: '10.0.0.1', port: 8080 }], /listens on 10\.0\.0\.1 port 8080/],
    ['answers with errors', [{ address: '::', port: 8080 }], /does not answer .*below 500.*READINESS_CHECK_PATH/],
  ])('because it %s', (_, sockets, expected) => {
    expect(hints(...sockets).read(LINE)).toMatch(expected);
    expect(hints(...sockets).read(JSON_LINE)).toMatch(expected);
  });

  test('may take a second', () => {
    const patient = hints();
    expect(patient.read('INFO app is not ready after 500ms url=http://127.0.0.1:8080/\n')).toBeUndefined();
    expect(patient.read(LINE)).toBeDefined();
  });
});

describe('the sockets of processes', () => {
  const servers: ReturnType<typeof createServer>[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  test('are read from the tables of Linux', () => {
    const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11 1 0 100 0 0 10 0
   1: 00000000:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12 1 0 100 0 0 10 0
   2: 0100007F:1F91 0100007F:0050 01 00000000:00000000 00:00000000 00000000     0        0 13 1 0 100 0 0 10 0
   3: 00000000000000000000000000000000:1F92 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 14 1
`;
    expect(parseSocketTable(table, new Set(['11', '13', '14']))).toEqual([
      { address: '127.0.0.1', port: 8080 },
      { address: '::', port: 8082 },
    ]);
  });

  test.runIf(process.platform === 'linux')('are found', async () => {
    const server = createServer();
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    expect(listeningSockets([process.pid])).toContainEqual({ address: '127.0.0.1', port });
    expect(listeningSockets([])).toEqual([]);
  });
});
