import { AwsError } from '@spillway/wire';
import type { LogGroups } from './log-groups.ts';
import type { LogEvent, LogStream } from './log-stream.ts';

export interface GetLogEventsRequest {
  readonly logGroupName: string;
  readonly logStreamName: string;
  readonly startTime?: number;
  readonly endTime?: number;
  readonly startFromHead?: boolean;
  readonly nextToken?: string;
  readonly limit?: number;
}

export interface GetLogEventsResponse {
  readonly events: readonly { readonly timestamp: number; readonly message: string; readonly ingestionTime: number }[];
  readonly nextForwardToken: string;
  readonly nextBackwardToken: string;
}

const MAX_EVENTS = 10_000;

/** Places between the events of a stream: before the event with this index. `f/` reads on from it, `b/` back from it. */
interface Page {
  readonly direction: 'f' | 'b';
  readonly border: number;
}

/**
 * One stream's events, a page at a time, forwards or backwards. The token that leads nowhere is the one that was given.
 * @throws AwsError `ResourceNotFoundException`, `InvalidParameterException`.
 */
export async function getLogEvents(groups: LogGroups, request: GetLogEventsRequest): Promise<GetLogEventsResponse> {
  const page = firstPage(request);
  const events = await readPage(groups.stream(request.logGroupName, request.logStreamName), request, page);
  const [first, last] = [events[0], events.at(-1)];
  return {
    events: events.map(({ timestamp, message, ingestionTime }) => ({ timestamp, message, ingestionTime })),
    nextForwardToken: `f/${last ? last.index + 1 : page.border}`,
    nextBackwardToken: `b/${first ? first.index : page.border}`,
  };
}

async function readPage(
  stream: LogStream,
  { startTime = 0, endTime = Number.POSITIVE_INFINITY, limit: wanted = MAX_EVENTS }: GetLogEventsRequest,
  { direction, border }: Page,
): Promise<readonly LogEvent[]> {
  const limit = Math.min(wanted, MAX_EVENTS);
  const forward = direction === 'f';
  let found: LogEvent[] = [];
  for await (const event of stream.events()) {
    const onPage = forward ? event.index >= border : event.index < border;
    // The end of the time is exclusive here.
    if (onPage && event.timestamp >= startTime && event.timestamp < endTime) found.push(event);
    if (forward && found.length === limit) break;
    if (found.length > 2 * limit) found = found.slice(-limit);
  }
  return forward ? found : found.slice(-limit);
}

function firstPage({ nextToken, startFromHead = false }: GetLogEventsRequest): Page {
  if (nextToken === undefined) {
    return startFromHead ? { direction: 'f', border: 0 } : { direction: 'b', border: Number.MAX_SAFE_INTEGER };
  }
  const [, direction, border] = /^([fb])\/(\d{1,16})$/.exec(nextToken) ?? [];
  if (direction !== 'f' && direction !== 'b') {
    throw new AwsError('InvalidParameterException', { message: 'The specified nextToken is invalid.' });
  }
  return { direction, border: Number(border) };
}
