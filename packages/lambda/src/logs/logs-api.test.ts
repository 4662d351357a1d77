import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DeleteLogStreamCommand,
  DeleteRetentionPolicyCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  DescribeMetricFiltersCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  ListTagsForResourceCommand,
  ListTagsLogGroupCommand,
  PutLogEventsCommand,
  PutRetentionPolicyCommand,
  paginateFilterLogEvents,
  TagLogGroupCommand,
  TagResourceCommand,
  UntagLogGroupCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { type Listener, listen } from '@spillway/http';
import { MemoryState } from '@spillway/wire';
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
  await expect(client.send(new DescribeMetricFiltersCommand({ logGroupName: 'x' }))).rejects.toMatchObject({
    name: 'UnknownOperationException',
    message: expect.stringContaining('DescribeMetricFilters'),
  });
});

const refusal = (name: string, message: string) => ({
  name,
  message,
  $metadata: expect.objectContaining({ httpStatusCode: 400 }),
});

describe('log groups and streams by the API', () => {
  const logGroupName = 'made/by.API_#1';
  const resourceArn = `arn:aws:logs:us-east-1:000000000000:log-group:${logGroupName}`;
  const described = async () =>
    (await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: logGroupName }))).logGroups;

  test('a group is made, set up, tagged and deleted', async () => {
    await client.send(new CreateLogGroupCommand({ logGroupName, tags: { env: 'testing1' } }));
    await expect(client.send(new CreateLogGroupCommand({ logGroupName }))).rejects.toMatchObject(
      refusal('ResourceAlreadyExistsException', 'The specified log group already exists'),
    );
    await client.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 14 }));
    expect(await described()).toEqual([
      {
        logGroupName,
        arn: `${resourceArn}:*`,
        logGroupArn: resourceArn,
        creationTime: expect.any(Number),
        retentionInDays: 14,
        metricFilterCount: 0,
        storedBytes: 0,
        logGroupClass: 'STANDARD',
        deletionProtectionEnabled: false,
      },
    ]);
    await client.send(new DeleteRetentionPolicyCommand({ logGroupName }));
    expect((await described())?.[0]).not.toHaveProperty('retentionInDays');
    await client.send(new TagResourceCommand({ resourceArn, tags: { test1: 'val1', test2: 'val2' } }));
    await client.send(new TagLogGroupCommand({ logGroupName, tags: { test3: 'val3' } }));
    const tags = { env: 'testing1', test1: 'val1', test2: 'val2', test3: 'val3' };
    expect((await client.send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual(tags);
    expect((await client.send(new ListTagsLogGroupCommand({ logGroupName }))).tags).toEqual(tags);
    await client.send(new UntagResourceCommand({ resourceArn, tagKeys: ['env', 'test1'] }));
    await client.send(new UntagLogGroupCommand({ logGroupName, tags: ['test3'] }));
    expect((await client.send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual({ test2: 'val2' });
    await client.send(new DeleteLogGroupCommand({ logGroupName }));
    expect(await described()).toEqual([]);
    await expect(client.send(new DeleteLogGroupCommand({ logGroupName }))).rejects.toMatchObject(
      refusal('ResourceNotFoundException', 'The specified log group does not exist.'),
    );
  });

  test('a stream is made, written, read and deleted; its group stays', async () => {
    const logStreamName = 'a/[$LATEST]b';
    const stream = { logGroupName, logStreamName };
    await expect(client.send(new CreateLogStreamCommand(stream))).rejects.toMatchObject(
      refusal('ResourceNotFoundException', 'The specified log group does not exist.'),
    );
    await client.send(new CreateLogGroupCommand({ logGroupName }));
    await client.send(new CreateLogStreamCommand(stream));
    await expect(client.send(new CreateLogStreamCommand(stream))).rejects.toMatchObject(
      refusal('ResourceAlreadyExistsException', 'The specified log stream already exists'),
    );
    const now = Date.now();
    const put = await client.send(
      new PutLogEventsCommand({
        ...stream,
        logEvents: [
          { timestamp: now - 60_000, message: 'one' },
          { timestamp: now, message: '{"two":2}' },
        ],
      }),
    );
    expect(put.nextSequenceToken).toMatch(/^\d{56}$/);
    expect(put.rejectedLogEventsInfo).toBeUndefined();
    expect(put.$metadata.requestId).toMatch(/^[\da-f-]{36}$/);
    const { events } = await client.send(new GetLogEventsCommand({ ...stream, startFromHead: true }));
    expect(events?.map(({ message }) => message)).toEqual(['one', '{"two":2}']);
    await client.send(new DeleteLogStreamCommand(stream));
    expect((await client.send(new DescribeLogStreamsCommand({ logGroupName }))).logStreams).toEqual([]);
    expect(await described()).toHaveLength(1);
    await client.send(new CreateLogStreamCommand(stream));
    expect((await client.send(new GetLogEventsCommand({ ...stream, startFromHead: true }))).events).toEqual([]);
    await client.send(new DeleteLogGroupCommand({ logGroupName }));
    expect(groups.groupNames()).not.toContain(logGroupName);
  });

  test('events that are too old or too far ahead are left out, and told', async () => {
    groups.putLogEvent('limits', 's', 'first');
    const put = (...minutes: readonly number[]) =>
      client.send(
        new PutLogEventsCommand({
          logGroupName: 'limits',
          logStreamName: 's',
          logEvents: minutes.map((minute) => ({ timestamp: Date.now() + minute * 60_000, message: `${minute}` })),
        }),
      );
    const day = 24 * 60;
    expect((await put(-15 * day, -14.5 * day)).rejectedLogEventsInfo).toEqual({ tooOldLogEventEndIndex: 2 });
    expect((await put(-14.2 * day, -13.9 * day)).rejectedLogEventsInfo).toEqual({ tooOldLogEventEndIndex: 1 });
    expect((await put(0, 60, 180)).rejectedLogEventsInfo).toEqual({ tooNewLogEventStartIndex: 2 });
    await expect(put(0, -1)).rejects.toMatchObject(
      refusal(
        'InvalidParameterException',
        'Log events in a single PutLogEvents request must be in chronological order.',
      ),
    );
    await expect(put(-2 * day, 0)).rejects.toMatchObject(
      refusal('InvalidParameterException', expect.stringContaining('24 hours')),
    );
    const { events } = await client.send(new FilterLogEventsCommand({ logGroupName: 'limits' }));
    expect(events?.map(({ message }) => message).sort()).toEqual(['-20016', '0', '60', 'first']);
  });

  test.each([
    [
      new CreateLogGroupCommand({ logGroupName: 'x'.repeat(513) }),
      'InvalidParameterException',
      'Invalid LogGroup or LogStream, both must have length less than or equal to 512.',
    ],
    [
      new CreateLogGroupCommand({ logGroupName: 'a b' }),
      'InvalidParameterException',
      "1 validation error detected: Value 'a b' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [.\\-_/#A-Za-z0-9]+",
    ],
    [
      new CreateLogGroupCommand({ logGroupName: 'x', kmsKeyId: 'arn:x' }),
      'InvalidParameterException',
      'Log groups with kmsKeyId are not supported here.',
    ],
    [
      new CreateLogStreamCommand({ logGroupName: GROUP, logStreamName: 'a:b' }),
      'InvalidParameterException',
      "1 validation error detected: Value 'a:b' at 'logStreamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [^:*]*",
    ],
    [
      new PutLogEventsCommand({
        logGroupName: GROUP,
        logStreamName: 'none',
        logEvents: [{ timestamp: 1, message: 'm' }],
      }),
      'ResourceNotFoundException',
      'The specified log stream does not exist.',
    ],
    [
      new PutRetentionPolicyCommand({ logGroupName: GROUP, retentionInDays: 2 }),
      'InvalidParameterException',
      expect.stringContaining("Value '2' at 'retentionInDays'"),
    ],
    [
      new FilterLogEventsCommand({ logGroupName: GROUP, limit: 10_001 }),
      'InvalidParameterException',
      "1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000",
    ],
    [
      new DescribeLogGroupsCommand({ logGroupNamePrefix: 'a', logGroupNamePattern: 'b' }),
      'InvalidParameterException',
      'LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.',
    ],
    [
      new DescribeLogStreamsCommand({ logGroupName: GROUP, logGroupIdentifier: GROUP }),
      'ValidationException',
      'LogGroup name and LogGroup ARN are mutually exclusive parameters.',
    ],
    [
      new GetLogEventsCommand({ logGroupName: GROUP, logStreamName: undefined }),
      'InvalidParameterException',
      expect.stringContaining("'logStreamName'"),
    ],
  ] as const)('%#: what is refused is told in the words of CloudWatch Logs', async (command, name, message) => {
    await expect(client.send(command as DescribeLogGroupsCommand)).rejects.toMatchObject(refusal(name, message));
  });

  test('settings are there after a restart', async () => {
    const state = new MemoryState();
    const below = join(directory, 'restart');
    const before = new LogGroups(below, () => {}, state);
    await before.createGroup('empty', { a: 'b' });
    before.createStream('empty', 's');
    await before.createGroup('gone', {});
    await before.deleteGroup('gone');
    const after = new LogGroups(below, () => {}, state);
    expect(after.groupNames()).toEqual(['empty']);
    expect(after.settings('empty')).toEqual(before.settings('empty'));
    expect(after.stream('empty', 's').head).toEqual(before.stream('empty', 's').head);
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
