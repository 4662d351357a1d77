import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import { type Listener, listen } from '@spillway/http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LogGroups } from './log-groups.ts';
import { handleLogsRequest } from './logs-api.ts';

let directory: string;
let listener: Listener;
let client: CloudWatchLogsClient;
let groups: LogGroups;

const GROUP = '/aws/lambda/f';
const A = '2026/01/01/[$LATEST]a';
const B = '2026/01/01/[$LATEST]b';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'spillway-logs-'));
  groups = new LogGroups(directory, () => {});
  listener = await listen({
    port: 0,
    handle: (request, response) => void handleLogsRequest(groups, 'us-east-1', request, response),
  });
  client = new CloudWatchLogsClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${listener.port}`,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  groups.putLogEvent(GROUP, A, 'ERROR one\n', 1000);
  groups.putLogEvent(GROUP, B, 'INFO two\n', 2000);
  groups.putLogEvent(GROUP, A, 'ERROR three \u2028 ü\r\n', 3000);
  groups.putLogEvent(GROUP, B, 'four', 4000);
  for (let n = 0; n < 120; n += 1)
    groups.putLogEvent('many', `stream-${String(n).padStart(3, '0')}`, `event ${n}\n`, n + 1);
});
afterAll(async () => {
  client.destroy();
  await listener.close();
  groups.flush();
  await rm(directory, { recursive: true });
});

const messages = async (input: object) => {
  const { events } = await client.send(new FilterLogEventsCommand({ logGroupName: GROUP, ...input }));
  return events?.map(({ message }) => message);
};

describe('FilterLogEvents', () => {
  test('gives the events of all streams in order of time', async () => {
    const { events } = await client.send(new FilterLogEventsCommand({ logGroupName: GROUP }));
    expect(events?.map(({ message }) => message)).toEqual([
      'ERROR one\n',
      'INFO two\n',
      'ERROR three \u2028 ü\r\n',
      'four',
    ]);
    expect(events?.[1]).toEqual({
      logStreamName: B,
      timestamp: 2000,
      message: 'INFO two\n',
      ingestionTime: expect.any(Number),
      eventId: expect.stringMatching(/^\d{56}$/),
    });
    expect(new Set(events?.map(({ eventId }) => eventId)).size).toBe(4);
  });

  test('takes streams, prefixes, times, patterns and the ARN of a group', async () => {
    expect(await messages({ logStreamNames: [B] })).toEqual(['INFO two\n', 'four']);
    expect(await messages({ logStreamNamePrefix: '2026/01/01/[$LATEST]a' })).toHaveLength(2);
    expect(await messages({ startTime: 2000, endTime: 3000 })).toHaveLength(2);
    expect(await messages({ filterPattern: 'ERROR -three' })).toEqual(['ERROR one\n']);
    const arn = `arn:aws:logs:us-east-1:000000000000:log-group:${GROUP}:*`;
    expect(await messages({ logGroupName: undefined, logGroupIdentifier: arn })).toHaveLength(4);
  });

  test('gives every event once, page by page', async () => {
    const all: string[] = [];
    for await (const { events } of paginateFilterLogEvents({ client, pageSize: 7 }, { logGroupName: 'many' })) {
      all.push(...(events ?? []).map(({ message = '' }) => message));
    }
    expect(all).toEqual(Array.from({ length: 120 }, (_, n) => `event ${n}\n`));
  });

  test("refuses what it does not know, with AWS's errors", async () => {
    await expect(messages({ logGroupName: 'none' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'The specified log group does not exist.',
      $metadata: { httpStatusCode: 400 },
    });
    await expect(messages({ logStreamNames: ['none'] })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'The specified log stream does not exist.',
    });
    await expect(messages({ nextToken: 'x' })).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'The specified nextToken is invalid.',
    });
    await expect(messages({ filterPattern: '{ $.a = 1 }' })).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: expect.stringContaining('JSON filter patterns'),
    });
  });
});

test('GetLogEvents pages forwards and backwards; the same token again is the end', async () => {
  const get = (more: object) =>
    client.send(new GetLogEventsCommand({ logGroupName: GROUP, logStreamName: A, ...more }));
  const first = await get({ startFromHead: true, limit: 1 });
  expect(first.events).toEqual([{ timestamp: 1000, message: 'ERROR one\n', ingestionTime: expect.any(Number) }]);
  const second = await get({ nextToken: first.nextForwardToken });
  expect(second.events?.map(({ timestamp }) => timestamp)).toEqual([3000]);
  const end = await get({ nextToken: second.nextForwardToken });
  expect(end).toMatchObject({ events: [], nextForwardToken: second.nextForwardToken });
  const back = await get({ nextToken: second.nextBackwardToken });
  expect(back.events?.map(({ timestamp }) => timestamp)).toEqual([1000]);
  expect((await get({ limit: 1 })).events?.map(({ timestamp }) => timestamp)).toEqual([3000]);
});

test('DescribeLogStreams and DescribeLogGroups tell what there is', async () => {
  const { logStreams } = await client.send(
    new DescribeLogStreamsCommand({ logGroupName: GROUP, orderBy: 'LastEventTime', descending: true }),
  );
  expect(logStreams?.map(({ logStreamName }) => logStreamName)).toEqual([B, A]);
  expect(logStreams?.[1]).toMatchObject({
    arn: `arn:aws:logs:us-east-1:000000000000:log-group:${GROUP}:log-stream:${A}`,
    firstEventTimestamp: 1000,
    lastEventTimestamp: 3000,
    creationTime: expect.any(Number),
    storedBytes: 0,
  });
  const page = await client.send(new DescribeLogStreamsCommand({ logGroupName: 'many' }));
  expect(page.logStreams).toHaveLength(50);
  const rest = await client.send(new DescribeLogStreamsCommand({ logGroupName: 'many', nextToken: page.nextToken }));
  expect(rest.logStreams?.[0]?.logStreamName).toBe('stream-050');
  const { logGroups } = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: '/aws/' }));
  expect(logGroups).toMatchObject([
    { logGroupName: GROUP, arn: `arn:aws:logs:us-east-1:000000000000:log-group:${GROUP}:*`, logGroupClass: 'STANDARD' },
  ]);
});

test('other operations are refused by name', async () => {
  await expect(client.send(new CreateLogGroupCommand({ logGroupName: 'x' }))).rejects.toMatchObject({
    name: 'UnknownOperationException',
    message: expect.stringContaining('CreateLogGroup'),
  });
});

test('what was written is there after a restart; a line that was cut is left out', async () => {
  groups.flush();
  const { appendFile } = await import('node:fs/promises');
  const [group = ''] = (await readdir(directory)).filter((name) => name.includes('lambda'));
  const [file = ''] = await readdir(join(directory, group));
  await appendFile(join(directory, group, file), '[17,17,"cut');
  const again = new LogGroups(directory, () => {});
  const stream = again.stream(GROUP, A);
  expect(await stream.times()).toMatchObject({ firstEventTimestamp: 1000, lastEventTimestamp: 3000 });
  const texts: string[] = [];
  for await (const { message } of stream.events()) texts.push(message);
  expect(texts).toEqual(['ERROR one\n', 'ERROR three \u2028 ü\r\n']);
});

test('a name of any kind is kept within the directory', async () => {
  const below = await mkdtemp(join(directory, 'names-'));
  const odd = new LogGroups(join(below, 'logs'), () => {});
  for (const name of ['..', '.', '../../x', 'a'.repeat(512)]) odd.putLogEvent(name, name, 'm', 1);
  odd.flush();
  expect(await readdir(below)).toEqual(['logs']);
  expect(new LogGroups(join(below, 'logs'), () => {}).groupNames()).toEqual(odd.groupNames());
});

test('logs that cannot be written are told once, and lose nothing else', async () => {
  const lines: string[] = [];
  const lost = new LogGroups(join(directory, 'lost'), (line) => lines.push(line));
  await rm(join(directory, 'lost'), { recursive: true });
  const { writeFile } = await import('node:fs/promises');
  await writeFile(join(directory, 'lost'), '');
  lost.putLogEvent('g', 's', 'm');
  lost.putLogEvent('g', 's', 'm');
  lost.flush();
  expect(lines).toEqual([expect.stringMatching(/^Logs are being lost/)]);
});
