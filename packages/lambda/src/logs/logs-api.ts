// Amazon CloudWatch Logs, as far as it is needed to read what functions wrote, and to set up where they write.
//
// Same as AWS, checked with its SDK and CLI, and against recordings of its answers: FilterLogEvents (streams, times, paging, terms as filter
// pattern), GetLogEvents, PutLogEvents with what it rejects, groups, streams, their tags and retention, and their errors.
// On purpose: groups and streams are also made by their first event, nothing expires, storedBytes is 0, and FilterLogEvents always answers
// from all streams in order of time. Events are files that are appended to: what was acknowledged outlives a killed process, not a power cut.
// Missing: filter patterns for JSON, columns and regular expressions, groups with a KMS key, another class or deletion protection (refused by
// name); all other operations (UnknownOperationException, by name).
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendJson } from '@spillway/http';
import { AwsError } from '@spillway/wire';
import { describeLogGroups, describeLogStreams } from './describe-logs.ts';
import { filterLogEvents } from './filter-log-events.ts';
import { getLogEvents } from './get-log-events.ts';
import type { LogGroups } from './log-groups.ts';
import { groupOfArn, type Input, inGroup, limited, readInput, required } from './logs-input.ts';
import {
  type CreateLogGroupRequest,
  createLogGroup,
  createLogStream,
  deleteRetentionPolicy,
  putRetentionPolicy,
  tagLogGroup,
  untagLogGroup,
} from './manage-logs.ts';
import { type PutLogEventsRequest, putLogEvents } from './put-log-events.ts';

const CONTENT_TYPE = 'application/x-amz-json-1.1';

/** Undefined: an operation without output. */
type Output = object | undefined;
type Operation = (groups: LogGroups, input: Input, region: string) => Output | Promise<Output>;

/** The most that one answer has, of events, and of groups and streams. */
const MAX_EVENTS = 10_000;
const MAX_DESCRIBED = 50;

interface InStream {
  readonly logGroupName: string;
  readonly logStreamName: string;
}

/** Members have the types of the model when they are there; `required` says that they are. */
const inStream = (input: Input) => required(inGroup(input), 'logStreamName') as Input & InStream;
const tagged = (input: Input) => required(input, 'tags')['tags'] as Readonly<Record<string, string>>;
const keysIn = (input: Input, name: string) => required(input, name)[name] as readonly string[];

const READING: Readonly<Record<string, Operation>> = {
  FilterLogEvents: (groups, input) => filterLogEvents(groups, inGroup(limited(input, MAX_EVENTS))),
  GetLogEvents: (groups, input) => getLogEvents(groups, inStream(limited(input, MAX_EVENTS))),
  DescribeLogStreams: (groups, input, region) =>
    describeLogStreams(groups, region, inGroup(limited(input, MAX_DESCRIBED))),
  DescribeLogGroups: (groups, input, region) => describeLogGroups(groups, region, limited(input, MAX_DESCRIBED)),
  ListTagsForResource: (groups, input) => ({ tags: groups.settings(groupOfArn(input)).tags }),
  ListTagsLogGroup: (groups, input) => ({ tags: groups.settings(inGroup(input).logGroupName).tags }),
};

const CHANGING: Readonly<Record<string, Operation>> = {
  CreateLogGroup: (groups, input) =>
    createLogGroup(groups, required(input, 'logGroupName') as Input & CreateLogGroupRequest),
  DeleteLogGroup: async (groups, input) => void (await groups.deleteGroup(inGroup(input).logGroupName)),
  CreateLogStream: (groups, input) => {
    const { logGroupName, logStreamName } = inStream(input);
    return createLogStream(groups, logGroupName, logStreamName);
  },
  DeleteLogStream: async (groups, input) => {
    const { logGroupName, logStreamName } = inStream(input);
    await groups.deleteStream(logGroupName, logStreamName);
    return undefined;
  },
  PutLogEvents: (groups, input) =>
    putLogEvents(groups, required(inStream(input), 'logEvents') as Input & PutLogEventsRequest),
  PutRetentionPolicy: (groups, input) => {
    const { retentionInDays } = required(input, 'retentionInDays');
    return putRetentionPolicy(groups, inGroup(input).logGroupName, Number(retentionInDays));
  },
  DeleteRetentionPolicy: (groups, input) => deleteRetentionPolicy(groups, inGroup(input).logGroupName),
  TagResource: (groups, input) => tagLogGroup(groups, groupOfArn(input), tagged(input)),
  TagLogGroup: (groups, input) => tagLogGroup(groups, inGroup(input).logGroupName, tagged(input)),
  UntagResource: (groups, input) => untagLogGroup(groups, groupOfArn(input), keysIn(input, 'tagKeys')),
  UntagLogGroup: (groups, input) => untagLogGroup(groups, inGroup(input).logGroupName, keysIn(input, 'tags')),
};

export const OPERATIONS: Readonly<Record<string, Operation>> = { ...READING, ...CHANGING };

/** Answers one request of the Logs API. Never rejects. */
export async function handleLogsRequest(
  groups: LogGroups,
  region: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const name = String(request.headers['x-amz-target'] ?? '').replace(/^Logs_20140328\./, '');
    const input = await readInput(request);
    const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
    if (!operation) throw unknownOperation(name);
    await answer(response, 200, await operation(groups, input, region));
  } catch (error) {
    const known = error instanceof AwsError ? error : new AwsError('ServiceException', { cause: error });
    const document = { __type: known.code, message: known.message };
    // Every error of a caller is a 400 in this protocol.
    await answer(response, known.status >= 500 ? 500 : 400, document).catch(() => {});
  }
}

const unknownOperation = (name: string) =>
  new AwsError('UnknownOperationException', {
    message: `The operation ${name || '(none named)'} of CloudWatch Logs is not supported here.`,
  });

function answer(response: ServerResponse, status: number, document: Output): Promise<void> {
  const headers = [
    ['x-amzn-RequestId', randomUUID()],
    ['Content-Type', CONTENT_TYPE],
  ] as const;
  return sendJson(response, status, document, headers);
}
