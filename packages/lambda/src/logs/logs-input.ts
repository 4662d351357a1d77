import type { IncomingMessage } from 'node:http';
import { toBody } from '@spillway/http';
import { AwsError, readWhole } from '@spillway/wire';

/** The largest batch of events, each of its bytes escaped. */
const MAX_REQUEST_BYTES = 8_388_608;

/** The input of an operation, by the names that AWS's model gives its members. */
export type Input = Readonly<Record<string, unknown>>;

/** What a member must be. Those that are not named here are read and ignored: `interleaved`, `unmask`. */
const MEMBERS: Readonly<Record<string, (value: unknown) => boolean>> = {
  logGroupName: isString,
  logGroupIdentifier: isString,
  logGroupNamePrefix: isString,
  logGroupNamePattern: isString,
  logGroupClass: isString,
  kmsKeyId: isString,
  deletionProtectionEnabled: isBoolean,
  logStreamName: isString,
  logStreamNamePrefix: isString,
  logStreamNames: isStrings,
  filterPattern: isString,
  nextToken: isString,
  orderBy: (value) => value === 'LogStreamName' || value === 'LastEventTime',
  startTime: isNumber,
  endTime: isNumber,
  limit: isNumber,
  startFromHead: isBoolean,
  descending: isBoolean,
  retentionInDays: isNumber,
  resourceArn: isString,
  tags: (value) => isStrings(value) || (isObject(value) && Object.values(value).every(isString)),
  tagKeys: isStrings,
  logEvents: (value) =>
    Array.isArray(value) &&
    value.every((event) => isObject(event) && isNumber(event['timestamp']) && isString(event['message'])),
};

/** @throws AwsError `InvalidParameterException`. */
export async function readInput(request: IncomingMessage): Promise<Input> {
  const bytes = await readWhole(toBody(request), MAX_REQUEST_BYTES, 'InvalidParameterException');
  try {
    const input = JSON.parse(Buffer.from(bytes).toString() || '{}') as unknown;
    if (isObject(input)) return checked(input);
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

/** The group by name, or by the name within its ARN. @throws AwsError `ValidationException`, `InvalidParameterException`. */
export function inGroup(input: Input): Input & { readonly logGroupName: string } {
  const { logGroupName, logGroupIdentifier } = input;
  if (logGroupName !== undefined && logGroupIdentifier !== undefined) {
    throw new AwsError('ValidationException', {
      message: 'LogGroup name and LogGroup ARN are mutually exclusive parameters.',
    });
  }
  return { ...input, logGroupName: groupName(logGroupName ?? logGroupIdentifier, 'logGroupName') };
}

/** The name of the group that an ARN is of. @throws AwsError `InvalidParameterException`. */
export const groupOfArn = (input: Input): string => groupName(input['resourceArn'], 'resourceArn');

function groupName(identifier: unknown, member: string): string {
  if (typeof identifier !== 'string') throw missing(member);
  return identifier.replace(/^arn:[^:]*:logs:[^:]*:\d*:log-group:/, '').replace(/:\*$/, '');
}

/** Members that must be there; their types are checked. @throws AwsError `InvalidParameterException`. */
export function required<const Name extends string>(input: Input, ...names: readonly Name[]): Input {
  const absent = names.find((name) => input[name] === undefined);
  if (absent !== undefined) throw missing(absent);
  return input;
}

/** A `limit` from 1 to `max`, if there is one. @throws AwsError `InvalidParameterException`. */
export function limited(input: Input, max: number): Input {
  const limit = input['limit'];
  if (typeof limit !== 'number' || (limit >= 1 && limit <= max)) return input;
  const bound = limit < 1 ? 'greater than or equal to 1' : `less than or equal to ${max}`;
  throw new AwsError('InvalidParameterException', {
    message: `1 validation error detected: Value '${limit}' at 'limit' failed to satisfy constraint: Member must have value ${bound}`,
  });
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function isStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every(isString);
}

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean';
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value);
}

function isObject(value: unknown): value is Input {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const invalid = (name: string) =>
  new AwsError('InvalidParameterException', {
    message: `1 validation error detected: Value at '${name}' failed to satisfy constraint`,
  });

const missing = (name: string) =>
  new AwsError('InvalidParameterException', {
    message: `1 validation error detected: Value at '${name}' failed to satisfy constraint: Member must not be null`,
  });
