import { ACCOUNT_ID, AwsError } from '@spillway/wire';
import type { LogGroups } from './log-groups.ts';
import type { LogStream } from './log-stream.ts';

export interface DescribeLogGroupsRequest {
  readonly logGroupNamePrefix?: string;
  readonly logGroupNamePattern?: string;
  readonly nextToken?: string;
  readonly limit?: number;
}

export interface DescribeLogStreamsRequest {
  readonly logGroupName: string;
  readonly logStreamNamePrefix?: string;
  readonly orderBy?: 'LogStreamName' | 'LastEventTime';
  readonly descending?: boolean;
  readonly nextToken?: string;
  readonly limit?: number;
}

/** Of both operations: the most in one answer, and what comes when nobody says how many. */
const MAX_ITEMS = 50;

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html */
export function describeLogGroups(groups: LogGroups, region: string, request: DescribeLogGroupsRequest): object {
  const { logGroupNamePrefix = '', logGroupNamePattern = '' } = request;
  if (request.logGroupNamePrefix !== undefined && request.logGroupNamePattern !== undefined) {
    throw new AwsError('InvalidParameterException', {
      message: 'LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.',
    });
  }
  const names = groups
    .groupNames()
    .filter((name) => name.startsWith(logGroupNamePrefix) && name.includes(logGroupNamePattern));
  const { items, ...rest } = page(names, request);
  // A search by pattern says less of each group.
  const more = request.logGroupNamePattern === undefined ? { storedBytes: 0, deletionProtectionEnabled: false } : {};
  const logGroups = items.map((name) => ({ ...describeGroup(groups, region, name), ...more }));
  return { logGroups, ...rest };
}

function describeGroup(groups: LogGroups, region: string, logGroupName: string): object {
  const { creationTime, retentionInDays } = groups.settings(logGroupName);
  return {
    logGroupName,
    arn: `${groupArn(region, logGroupName)}:*`,
    logGroupArn: groupArn(region, logGroupName),
    creationTime,
    ...(retentionInDays === undefined ? {} : { retentionInDays }),
    metricFilterCount: 0,
    logGroupClass: 'STANDARD',
  };
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html */
export async function describeLogStreams(
  groups: LogGroups,
  region: string,
  request: DescribeLogStreamsRequest,
): Promise<object> {
  const { logGroupName, logStreamNamePrefix = '', orderBy = 'LogStreamName', descending = false } = request;
  const all = groups.streams(logGroupName).filter(({ head }) => head.logStreamName.startsWith(logStreamNamePrefix));
  const described = await Promise.all(all.map((stream) => describe(stream, groupArn(region, logGroupName))));
  if (orderBy === 'LastEventTime') {
    described.sort((a, b) => (a.lastEventTimestamp ?? 0) - (b.lastEventTimestamp ?? 0));
  }
  const { items, ...rest } = page(descending ? described.reverse() : described, request);
  return { logStreams: items, ...rest };
}

async function describe(stream: LogStream, arn: string) {
  const { logStreamName, creationTime } = stream.head;
  return {
    logStreamName,
    arn: `${arn}:log-stream:${logStreamName}`,
    creationTime,
    ...(await stream.times()),
    storedBytes: 0,
  };
}

const groupArn = (region: string, logGroupName: string) =>
  `arn:aws:logs:${region}:${ACCOUNT_ID}:log-group:${logGroupName}`;

interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextToken?: string;
}

/** The token is how many came before. @throws AwsError `InvalidParameterException`. */
function page<Item>(
  all: readonly Item[],
  { nextToken = '0', limit = MAX_ITEMS }: { readonly nextToken?: string; readonly limit?: number },
): Page<Item> {
  if (!/^\d{1,9}$/.test(nextToken)) {
    throw new AwsError('InvalidParameterException', { message: 'The specified nextToken is invalid.' });
  }
  const start = Number(nextToken);
  const end = start + Math.min(limit, MAX_ITEMS);
  const items = all.slice(start, end);
  return end < all.length ? { items, nextToken: String(end) } : { items };
}
