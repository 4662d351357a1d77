import type { Call } from './checked-call.ts';

const logGroupName = 'walked';
const GROUP = { logGroupName };
const STREAM = { ...GROUP, logStreamName: 's' };
const resourceArn = 'arn:aws:logs:us-east-1:000000000000:log-group:walked';

const DAY_MS = 86_400_000;

/** Every operation of CloudWatch Logs that is implemented. */
export async function walkLogs(call: Call): Promise<void> {
  await call('CreateLogGroup', { ...GROUP, tags: { a: 'b' } });
  await call('PutRetentionPolicy', { ...GROUP, retentionInDays: 7 });
  await call('DescribeLogGroups', { logGroupNamePrefix: 'walk' });
  await call('DeleteRetentionPolicy', GROUP);
  await call('CreateLogStream', STREAM);
  const now = Date.now();
  await call('PutLogEvents', { ...STREAM, logEvents: [{ timestamp: now - 15 * DAY_MS, message: 'too old' }] });
  const logEvents = [1, 2].map((number) => ({ timestamp: now + number, message: `event ${number}` }));
  await call('PutLogEvents', { ...STREAM, logEvents });
  await call('DescribeLogStreams', GROUP);
  await call('FilterLogEvents', { ...GROUP, filterPattern: 'event' });
  await call('FilterLogEvents', { ...GROUP, limit: 1 });
  await call('GetLogEvents', { ...STREAM, startFromHead: true });
  await call('TagResource', { resourceArn, tags: { c: 'd' } });
  await call('ListTagsForResource', { resourceArn });
  await call('UntagResource', { resourceArn, tagKeys: ['c'] });
  await call('TagLogGroup', { ...GROUP, tags: { e: 'f' } });
  await call('ListTagsLogGroup', GROUP);
  await call('UntagLogGroup', { ...GROUP, tags: ['e'] });
  await call('DeleteLogStream', STREAM);
  await call('DeleteLogGroup', GROUP);
}
