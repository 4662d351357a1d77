import { createHash } from 'node:crypto';
import { AwsError } from '@spillway/wire';
import { filterPattern } from './filter-pattern.ts';
import type { LogGroups } from './log-groups.ts';
import type { LogEvent, LogStream } from './log-stream.ts';

export interface FilterLogEventsRequest {
  readonly logGroupName: string;
  readonly logStreamNames?: readonly string[];
  readonly logStreamNamePrefix?: string;
  readonly startTime?: number;
  readonly endTime?: number;
  readonly filterPattern?: string;
  readonly nextToken?: string;
  readonly limit?: number;
}

interface FilteredLogEvent {
  readonly logStreamName: string;
  readonly timestamp: number;
  readonly message: string;
  readonly ingestionTime: number;
  readonly eventId: string;
}

export interface FilterLogEventsResponse {
  readonly events: readonly FilteredLogEvent[];
  readonly searchedLogStreams: readonly [];
  readonly nextToken?: string;
}

/** The most events, and bytes of messages, in one answer. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html */
const MAX_EVENTS = 10_000;
const MAX_RESPONSE_BYTES = 1_048_576;

/** A place in the order of a group's events: by time, then stream, then place in the stream. */
type Position = readonly [timestamp: number, logStreamName: string, index: number];

interface FoundEvent extends LogEvent {
  readonly logStreamName: string;
}

/**
 * A group's events in order of time, from all its streams. No more are held than one answer has.
 * @throws AwsError `ResourceNotFoundException`, `InvalidParameterException`.
 */
export async function filterLogEvents(
  groups: LogGroups,
  request: FilterLogEventsRequest,
): Promise<FilterLogEventsResponse> {
  const limit = Math.min(request.limit ?? MAX_EVENTS, MAX_EVENTS);
  const wanted = wantedEvents(request);
  let found: FoundEvent[] = [];
  for (const stream of searchedStreams(groups, request)) {
    if (!(await mayHold(stream, request))) continue;
    for await (const event of stream.events()) {
      const candidate = { ...event, logStreamName: stream.head.logStreamName };
      if (wanted(candidate)) found.push(candidate);
      if (found.length > 2 * limit + 1000) found = earliest(found, limit + 1);
    }
  }
  return page(earliest(found, limit + 1), limit);
}

function wantedEvents(request: FilterLogEventsRequest): (event: FoundEvent) => boolean {
  const { startTime = 0, endTime = Number.POSITIVE_INFINITY } = request;
  const matches = filterPattern(request.filterPattern ?? '');
  const after = request.nextToken === undefined ? undefined : readToken(request.nextToken);
  return (event) => {
    // Both ends are inclusive.
    const inTime = event.timestamp >= startTime && event.timestamp <= endTime;
    return inTime && (!after || compare(position(event), after) > 0) && matches(event.message);
  };
}

function page(found: readonly FoundEvent[], limit: number): FilterLogEventsResponse {
  let sizeBytes = 0;
  const fitting = found.slice(0, limit).filter(({ message }, index) => {
    sizeBytes += Buffer.byteLength(message) + 26;
    return index === 0 || sizeBytes <= MAX_RESPONSE_BYTES;
  });
  const last = fitting.at(-1);
  const events = fitting.map((event) => ({
    logStreamName: event.logStreamName,
    timestamp: event.timestamp,
    message: event.message,
    ingestionTime: event.ingestionTime,
    eventId: eventId(event),
  }));
  if (!last || fitting.length === found.length) return { events, searchedLogStreams: [] };
  return { events, searchedLogStreams: [], nextToken: writeToken(position(last)) };
}

function searchedStreams(groups: LogGroups, request: FilterLogEventsRequest): readonly LogStream[] {
  const { logGroupName, logStreamNames, logStreamNamePrefix } = request;
  if (logStreamNames && logStreamNamePrefix !== undefined) {
    throw new AwsError('InvalidParameterException', {
      message: 'Only one of the parameters logStreamNames and logStreamNamePrefix may be used.',
    });
  }
  if (logStreamNames) return logStreamNames.map((name) => groups.stream(logGroupName, name));
  return groups.streams(logGroupName).filter(({ head }) => head.logStreamName.startsWith(logStreamNamePrefix ?? ''));
}

async function mayHold(stream: LogStream, { startTime = 0 }: FilterLogEventsRequest): Promise<boolean> {
  const times = await stream.times();
  return times !== undefined && times.lastEventTimestamp >= startTime;
}

const position = ({ timestamp, logStreamName, index }: FoundEvent): Position => [timestamp, logStreamName, index];

function compare(a: Position, b: Position): number {
  if (a[0] !== b[0]) return a[0] - b[0];
  if (a[1] !== b[1]) return a[1] < b[1] ? -1 : 1;
  return a[2] - b[2];
}

const earliest = (events: FoundEvent[], count: number) =>
  events.sort((a, b) => compare(position(a), position(b))).slice(0, count);

/** 56 digits, as CloudWatch's are; the same for the same event. */
function eventId({ timestamp, logStreamName, index }: FoundEvent): string {
  const stream = createHash('sha256').update(logStreamName).digest().readBigUInt64BE();
  return `${String(timestamp).padStart(16, '3')}${String(stream).padStart(20, '0')}${String(index).padStart(20, '0')}`;
}

const writeToken = (at: Position) => Buffer.from(JSON.stringify(at)).toString('base64url');

function readToken(token: string): Position {
  try {
    const [timestamp, logStreamName, index] = JSON.parse(Buffer.from(token, 'base64url').toString()) as Position;
    if (typeof timestamp === 'number' && typeof logStreamName === 'string' && typeof index === 'number') {
      return [timestamp, logStreamName, index];
    }
  } catch {
    // Not one of ours.
  }
  throw new AwsError('InvalidParameterException', { message: 'The specified nextToken is invalid.' });
}
