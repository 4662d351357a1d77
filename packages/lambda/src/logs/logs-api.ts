// Amazon CloudWatch Logs, as far as it is needed to read what functions wrote.
//
// Same as AWS, checked with its SDK: FilterLogEvents (streams, times, paging, terms as filter pattern), GetLogEvents,
// DescribeLogStreams, DescribeLogGroups, and their errors.
// On purpose: groups and streams are made by their first event, nothing expires, storedBytes is 0, and FilterLogEvents always answers
// from all streams in order of time.
// Missing: filter patterns for JSON, columns and regular expressions (refused by name); all other operations
// (UnknownOperationException, by name).
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendBytes, toBody } from '@spillway/http';
import { AwsError, readWhole } from '@spillway/wire';
import { describeLogGroups, describeLogStreams } from './describe-logs.ts';
import { filterLogEvents } from './filter-log-events.ts';
import { getLogEvents } from './get-log-events.ts';
import type { LogGroups } from './log-groups.ts';

const CONTENT_TYPE = 'application/x-amz-json-1.1';
const MAX_REQUEST_BYTES = 1_048_576;

/** The input of an operation, by the names that AWS's model gives its members. */
type Input = Readonly<Record<string, unknown>>;
type Operation = (groups: LogGroups, region: string, input: Input) => object | Promise<object>;

/** What a member must be. Those that are not named here are read and ignored: `interleaved`, `unmask`. */
const MEMBERS: Readonly<Record<string, (value: unknown) => boolean>> = {
  logGroupName: isString,
  logGroupIdentifier: isString,
  logGroupNamePrefix: isString,
  logGroupNamePattern: isString,
  logStreamName: isString,
  logStreamNamePrefix: isString,
  logStreamNames: (value) => Array.isArray(value) && value.every(isString),
  filterPattern: isString,
  nextToken: isString,
  orderBy: (value) => value === 'LogStreamName' || value === 'LastEventTime',
  startTime: isNumber,
  endTime: isNumber,
  limit: (value) => isNumber(value) && Number(value) >= 1,
  startFromHead: (value) => typeof value === 'boolean',
  descending: (value) => typeof value === 'boolean',
};

const OPERATIONS: Readonly<Record<string, Operation>> = {
  FilterLogEvents: (groups, _, input) => filterLogEvents(groups, inGroup(input)),
  GetLogEvents: (groups, _, input) => getLogEvents(groups, { ...inGroup(input), ...required(input, 'logStreamName') }),
  DescribeLogStreams: (groups, region, input) => describeLogStreams(groups, region, inGroup(input)),
  DescribeLogGroups: describeLogGroups,
};

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
    await sendJson(response, 200, await operation(groups, region, input));
  } catch (error) {
    const known = error instanceof AwsError ? error : new AwsError('ServiceException', { cause: error });
    const document = { __type: known.code, message: known.message };
    // Every error of a caller is a 400 in this protocol.
    await sendJson(response, known.status >= 500 ? 500 : 400, document).catch(() => {});
  }
}

async function readInput(request: IncomingMessage): Promise<Input> {
  const bytes = await readWhole(toBody(request), MAX_REQUEST_BYTES, 'InvalidParameterException');
  try {
    const input = JSON.parse(Buffer.from(bytes).toString() || '{}') as unknown;
    if (typeof input === 'object' && input !== null) return checked(input as Input);
  } catch (error) {
    if (error instanceof AwsError) throw error;
  }
  throw new AwsError('InvalidParameterException', { message: 'The request is not a JSON object.' });
}

function checked(input: Input): Input {
  for (const [name, value] of Object.entries(input)) {
    if (value !== undefined && value !== null && MEMBERS[name] && !MEMBERS[name](value)) throw invalid(name);
  }
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
}

/** The group by name, or by the name within its ARN. */
function inGroup(input: Input): Input & { readonly logGroupName: string } {
  const identifier = input['logGroupName'] ?? input['logGroupIdentifier'];
  if (typeof identifier !== 'string') throw invalid('logGroupName');
  return { ...input, logGroupName: identifier.replace(/^arn:[^:]*:logs:[^:]*:\d*:log-group:/, '').replace(/:\*$/, '') };
}

function required<Name extends string>(input: Input, name: Name): Record<Name, string> {
  const value = input[name];
  if (typeof value !== 'string') throw invalid(name);
  return { [name]: value } as Record<Name, string>;
}

function isString(value: unknown): boolean {
  return typeof value === 'string';
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value);
}

const invalid = (name: string) =>
  new AwsError('InvalidParameterException', {
    message: `1 validation error detected: Value at '${name}' failed to satisfy constraint`,
  });

const unknownOperation = (name: string) =>
  new AwsError('UnknownOperationException', {
    message: `The operation ${name || '(none named)'} of CloudWatch Logs is not supported here.`,
  });

async function sendJson(response: ServerResponse, status: number, document: object): Promise<void> {
  await sendBytes(response, status, [['Content-Type', CONTENT_TYPE]], Buffer.from(JSON.stringify(document)));
}
