import http from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RuntimeApi } from '../runtime-api/runtime-api.ts';
import { extensionsApi } from './extensions-api.ts';
import { ExtensionRegistry } from './registry.ts';

let api: RuntimeApi;
let registry: ExtensionRegistry;
let changes = 0;

beforeEach(async () => {
  changes = 0;
  registry = new ExtensionRegistry();
  const onChange = () => {
    changes += 1;
  };
  const observer = { onNext: () => {}, onInitError: () => {}, onAnswer: () => {}, onResponse: () => {} };
  api = new RuntimeApi({
    observer,
    errorLimitBytes: 1000,
    extensionsApi: extensionsApi({ functionName: 'f', handler: 'index.handler', registry, onChange }),
  });
  await api.listen();
});
afterEach(() => api.close());

interface Reply {
  readonly status: number | undefined;
  readonly headers: http.IncomingHttpHeaders;
  readonly document: Record<string, unknown>;
}

function call(method: string, path: string, headers: http.OutgoingHttpHeaders = {}, body = ''): Promise<Reply> {
  const [host, port] = api.address.split(':');
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host, port, method, path: `/2020-01-01/extension/${path}`, headers },
      async (response) => {
        let text = '';
        for await (const chunk of response.setEncoding('utf8')) text += chunk;
        resolve({ status: response.statusCode, headers: response.headers, document: JSON.parse(text) });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

const register = (name: string | undefined, events: unknown, more = {}) =>
  call(
    'POST',
    'register',
    { ...(name !== undefined && { 'Lambda-Extension-Name': name }), ...more },
    typeof events === 'string' ? events : JSON.stringify({ events }),
  );
const as = (id: string, more = {}) => ({ 'Lambda-Extension-Identifier': id, ...more });
const next = (id: string) => call('GET', 'event/next', as(id));

/** The id of an extension that has registered. */
async function registered(name: string, events: readonly string[], isExternal = true): Promise<string> {
  if (isExternal) registry.addExternal(name);
  return String((await register(name, events)).headers['lambda-extension-identifier']);
}

const waiting = async (count: number) => {
  while (changes < count) await new Promise((resolve) => setImmediate(resolve));
};

const INVOKE = { eventType: 'INVOKE', deadlineMs: 1, requestId: 'r', invokedFunctionArn: 'arn' } as const;
const SHUTDOWN = { eventType: 'SHUTDOWN', deadlineMs: 2, shutdownReason: 'spindown' } as const;
const refused = (errorType: string, errorMessage?: string) => ({
  status: 403,
  document: { errorType, ...(errorMessage !== undefined && { errorMessage }) },
});

describe('register', () => {
  test('gives an identifier and tells of the function', async () => {
    registry.addExternal('e');
    const reply = await register('e', ['INVOKE', 'SHUTDOWN']);
    expect(reply).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
    expect(reply.headers['lambda-extension-identifier']).toMatch(/^[0-9a-f-]{36}$/);
    expect(reply.document).toEqual({ functionName: 'f', functionVersion: '$LATEST', handler: 'index.handler' });
    expect(registry.all.map(({ kind, state, events }) => [kind, state, events])).toEqual([
      ['external', 'Registered', ['INVOKE', 'SHUTDOWN']],
    ]);
    expect(changes).toBe(1);
  });

  test('takes no events, and tells the account to who asks for it', async () => {
    const reply = await register('inside', '{}', {
      'Lambda-Extension-Accept-Feature': 'other, accountId',
    });
    expect(reply).toMatchObject({ status: 200, document: { accountId: '000000000000' } });
    expect(registry.all[0]).toMatchObject({ kind: 'internal', events: [] });
  });

  test.each([
    ['no name', undefined, [], 'Extension.InvalidExtensionName', 'Empty extension name'],
    ['an unknown event', 'e', ['START'], 'Extension.InvalidEventType', 'START: ErrorInvalidEventType'],
    ['no JSON', 'e', 'events', 'InvalidRequestFormat', undefined],
    ['events that are no list', 'e', '{"events":"INVOKE"}', 'InvalidRequestFormat', undefined],
    [
      'configuration keys',
      'e',
      '{"events":[],"configurationKeys":["a"]}',
      'InvalidRequestFormat',
      'configurationKeys are deprecated; use environment variables instead',
    ],
    [
      'SHUTDOWN of an internal one',
      'inside',
      ['SHUTDOWN'],
      'Extension.InvalidEventType',
      'SHUTDOWN: ShutdownEventNotSupportedForInternalExtension',
    ],
  ])('refuses %s', async (_, name, events, errorType, message) => {
    registry.addExternal('e');
    expect(await register(name, events)).toMatchObject(refused(errorType, message));
    expect(registry.all[0]?.state).toBe('Started');
  });

  test('refuses a second time, an eleventh extension, and anything once the runtime has asked for an event', async () => {
    const id = await registered('e', []);
    expect(await register('e', [])).toMatchObject(
      refused(
        'Extension.InvalidExtensionState',
        'State transition from Registered to Registered failed for extension e. Error: State transition is not allowed',
      ),
    );
    expect(registry.get(id).events).toEqual([]);
    await register('inside', []);
    expect(await register('inside', [])).toMatchObject(
      refused('Extension.InvalidExtensionState', 'Extension with this name already registered'),
    );
    for (let count = 3; count <= 10; count += 1) await register(`inside ${count}`, []);
    expect(await register('eleventh', [])).toMatchObject(
      refused('Extension.TooManyExtensions', 'Extension limit (10) reached'),
    );
    registry.close();
    expect(await register('late', [])).toMatchObject(
      refused('Extension.RegistrationClosed', 'Extension registration closed already'),
    );
  });
});

describe('event/next', () => {
  test('waits for what was subscribed to', async () => {
    const [both, none] = [await registered('both', ['INVOKE', 'SHUTDOWN']), await registered('none', [])];
    const idle = next(none);
    const first = next(both);
    await waiting(4);
    registry.deliver(INVOKE);
    const reply = await first;
    expect(reply).toMatchObject({ status: 200, document: INVOKE });
    expect(reply.headers['lambda-extension-event-identifier']).toMatch(/^[0-9a-f-]{36}$/);
    expect(registry.get(both).state).toBe('Running');
    expect(registry.get(none).state).toBe('Ready');
    // Came while the extension was busy.
    registry.deliver(SHUTDOWN);
    expect((await next(both)).document).toEqual(SHUTDOWN);
    api.reset();
    await expect(idle).rejects.toThrow();
  });

  test('refuses one that waits already', async () => {
    const id = await registered('e', []);
    const first = next(id);
    await waiting(2);
    expect(await next(id)).toMatchObject(
      refused(
        'Extension.InvalidExtensionState',
        `State transition from Ready to Ready failed for extension ${id}. Error: State transition is not allowed`,
      ),
    );
    api.reset();
    await expect(first).rejects.toThrow();
  });

  test('wants an identifier that it knows', async () => {
    const unknown = '00000000-0000-4000-8000-000000000000';
    expect(await call('GET', 'event/next')).toMatchObject(
      refused('Extension.MissingExtensionIdentifier', 'Missing Lambda-Extension-Identifier header'),
    );
    expect(await next('no uuid')).toMatchObject(
      refused('Extension.InvalidExtensionIdentifier', 'Invalid Lambda-Extension-Identifier'),
    );
    expect(await next(unknown)).toMatchObject(
      refused('Extension.UnknownExtensionIdentifier', `Unknown extension ${unknown}`),
    );
    registry.addExternal('e');
    expect(await next(registry.all[0]?.id ?? '')).toMatchObject(refused('Extension.InvalidExtensionState'));
  });
});

describe('init/error and exit/error', () => {
  const TYPE = { 'Lambda-Extension-Function-Error-Type': 'Extension.Odd' };
  const OK = { status: 202, document: { status: 'OK' } };

  test('are taken from an extension that registered, and again', async () => {
    const id = await registered('e', []);
    expect(await call('POST', 'init/error', as(id, TYPE), '{"errorMessage":"m"}')).toMatchObject(OK);
    expect(await call('POST', 'init/error', as(id, TYPE))).toMatchObject(OK);
    expect(registry.get(id)).toMatchObject({ state: 'InitError', errorType: 'Extension.Odd' });
    expect(registry.reportedErrorType).toBe('Extension.InitError');
    expect(await call('POST', 'exit/error', as(id, TYPE))).toMatchObject(
      refused(
        'Extension.InvalidExtensionState',
        `State transition from InitError to Exited failed for extension ${id}. Error: State transition is not allowed`,
      ),
    );
    const other = await registered('other', []);
    expect(await call('POST', 'exit/error', as(other, TYPE))).toMatchObject(OK);
    expect(registry.reportedErrorType).toBe('Extension.InitError');
  });

  test('want the type of the error', async () => {
    const id = await registered('e', []);
    expect(await call('POST', 'exit/error', as(id))).toMatchObject(
      refused('Extension.MissingHeader', 'Lambda-Extension-Function-Error-Type not found'),
    );
  });
});

test('there is nothing else', async () => {
  expect(await call('POST', 'telemetry')).toMatchObject({ status: 404, document: { errorType: 'NotFound' } });
});
