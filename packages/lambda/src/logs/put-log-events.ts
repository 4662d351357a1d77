import { AwsError } from '@spillway/wire';
import type { LogGroups } from './log-groups.ts';

interface InputLogEvent {
  readonly timestamp: number;
  readonly message: string;
}

export interface PutLogEventsRequest {
  readonly logGroupName: string;
  readonly logStreamName: string;
  readonly logEvents: readonly InputLogEvent[];
}

export interface PutLogEventsResponse {
  readonly nextSequenceToken: string;
  readonly rejectedLogEventsInfo?: {
    readonly tooOldLogEventEndIndex?: number;
    readonly tooNewLogEventStartIndex?: number;
  };
}

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html */
const MAX_BATCH_BYTES = 1_048_576;
const EVENT_OVERHEAD_BYTES = 26;
const MAX_EVENTS = 10_000;
const MAX_SPAN_MS = 86_400_000;
const MAX_AGE_MS = 14 * 86_400_000;
const MAX_AHEAD_MS = 2 * 3_600_000;

/**
 * Appends events to a stream. Those that are too old or too far ahead are left out, and the answer says so.
 * @throws AwsError `ResourceNotFoundException`, `InvalidParameterException`.
 */
export function putLogEvents(
  groups: LogGroups,
  { logGroupName, logStreamName, logEvents }: PutLogEventsRequest,
  nowMs: number = Date.now(),
): PutLogEventsResponse {
  assertBatch(logEvents);
  const stream = groups.stream(logGroupName, logStreamName);
  const tooOld = logEvents.filter(({ timestamp }) => timestamp < nowMs - MAX_AGE_MS).length;
  const tooNew = logEvents.findIndex(({ timestamp }) => timestamp > nowMs + MAX_AHEAD_MS);
  const end = tooNew < 0 ? logEvents.length : tooNew;
  for (const { timestamp, message } of logEvents.slice(tooOld, end)) stream.put(timestamp, message);
  // An event that is acknowledged outlives this process.
  stream.flush();
  const rejected = {
    ...(tooOld === 0 ? {} : { tooOldLogEventEndIndex: tooOld }),
    ...(tooNew < 0 ? {} : { tooNewLogEventStartIndex: tooNew }),
  };
  return {
    // Nobody needs it any more; AWS gives one all the same.
    nextSequenceToken: String(nowMs).padStart(56, '4'),
    ...(Object.keys(rejected).length === 0 ? {} : { rejectedLogEventsInfo: rejected }),
  };
}

function assertBatch(events: readonly InputLogEvent[]): void {
  if (events.length === 0 || events.length > MAX_EVENTS) {
    const bound = events.length === 0 ? 'greater than or equal to 1' : `less than or equal to ${MAX_EVENTS}`;
    throw invalid(
      `1 validation error detected: Value at 'logEvents' failed to satisfy constraint: Member must have length ${bound}`,
    );
  }
  const sizeBytes = events.reduce((sum, { message }) => sum + Buffer.byteLength(message) + EVENT_OVERHEAD_BYTES, 0);
  if (sizeBytes > MAX_BATCH_BYTES) {
    throw invalid(`Upload too large: ${sizeBytes} bytes exceeds limit of ${MAX_BATCH_BYTES}`);
  }
  if (events.some(({ timestamp }, index) => timestamp < (events[index - 1]?.timestamp ?? 0))) {
    throw invalid('Log events in a single PutLogEvents request must be in chronological order.');
  }
  if ((events.at(-1)?.timestamp ?? 0) - (events[0]?.timestamp ?? 0) > MAX_SPAN_MS) {
    throw invalid('The batch of log events in a single PutLogEvents request cannot span more than 24 hours.');
  }
}

const invalid = (message: string) => new AwsError('InvalidParameterException', { message });
