import { AwsError } from '@spillway/wire';
import type { LogGroups } from './log-groups.ts';

type Tags = Readonly<Record<string, string>>;

const MAX_NAME_CHARACTERS = 512;
const MAX_TAGS = 50;

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

export interface CreateLogGroupRequest {
  readonly logGroupName: string;
  readonly tags?: Tags;
  readonly kmsKeyId?: string;
  readonly logGroupClass?: string;
  readonly deletionProtectionEnabled?: boolean;
}

/** @throws AwsError `ResourceAlreadyExistsException`, `InvalidParameterException`. */
export async function createLogGroup(groups: LogGroups, request: CreateLogGroupRequest): Promise<undefined> {
  const { logGroupName, tags = {}, kmsKeyId, logGroupClass = 'STANDARD', deletionProtectionEnabled = false } = request;
  assertName(logGroupName, 'logGroupName', /^[.\-_/#A-Za-z0-9]+$/);
  if (kmsKeyId !== undefined) throw unsupported('kmsKeyId');
  if (logGroupClass !== 'STANDARD') throw unsupported(`the logGroupClass ${logGroupClass}`);
  if (deletionProtectionEnabled) throw unsupported('deletionProtectionEnabled');
  await groups.createGroup(logGroupName, withinLimit(tags));
}

/** @throws AwsError `ResourceNotFoundException`, `ResourceAlreadyExistsException`, `InvalidParameterException`. */
export function createLogStream(groups: LogGroups, logGroupName: string, logStreamName: string): undefined {
  assertName(logStreamName, 'logStreamName', /^[^:*]*$/);
  groups.createStream(logGroupName, logStreamName);
}

/** Kept and answered; nothing expires. @throws AwsError `ResourceNotFoundException`, `InvalidParameterException`. */
export async function putRetentionPolicy(
  groups: LogGroups,
  logGroupName: string,
  retentionInDays: number,
): Promise<undefined> {
  if (!RETENTION_DAYS.includes(retentionInDays)) {
    throw constraint(
      `Value '${retentionInDays}' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [${RETENTION_DAYS.join(', ')}]`,
    );
  }
  await groups.changeSettings(logGroupName, (settings) => ({ ...settings, retentionInDays }));
}

/** @throws AwsError `ResourceNotFoundException`. */
export async function deleteRetentionPolicy(groups: LogGroups, logGroupName: string): Promise<undefined> {
  await groups.changeSettings(logGroupName, ({ retentionInDays: _, ...settings }) => settings);
}

/** @throws AwsError `ResourceNotFoundException`, `InvalidParameterException`. */
export async function tagLogGroup(groups: LogGroups, logGroupName: string, tags: Tags): Promise<undefined> {
  await groups.changeSettings(logGroupName, (settings) => ({
    ...settings,
    tags: withinLimit({ ...settings.tags, ...tags }),
  }));
}

/** @throws AwsError `ResourceNotFoundException`. */
export async function untagLogGroup(
  groups: LogGroups,
  logGroupName: string,
  keys: readonly string[],
): Promise<undefined> {
  await groups.changeSettings(logGroupName, (settings) => ({
    ...settings,
    tags: Object.fromEntries(Object.entries(settings.tags).filter(([key]) => !keys.includes(key))),
  }));
}

function withinLimit(tags: Tags): Tags {
  const count = Object.keys(tags).length;
  if (count <= MAX_TAGS) return tags;
  throw constraint(
    `Value at 'tags' failed to satisfy constraint: Member must have length less than or equal to ${MAX_TAGS}`,
  );
}

function assertName(name: string, member: string, pattern: RegExp): void {
  if (name.length > MAX_NAME_CHARACTERS) {
    throw new AwsError('InvalidParameterException', {
      message: `Invalid LogGroup or LogStream, both must have length less than or equal to ${MAX_NAME_CHARACTERS}.`,
    });
  }
  if (name === '') {
    throw constraint(
      `Value '' at '${member}' failed to satisfy constraint: Member must have length greater than or equal to 1`,
    );
  }
  if (pattern.test(name)) return;
  throw constraint(
    `Value '${name}' at '${member}' failed to satisfy constraint: Member must satisfy regular expression pattern: ${pattern.source.replace(/^\^|\$$/g, '')}`,
  );
}

const constraint = (what: string) =>
  new AwsError('InvalidParameterException', { message: `1 validation error detected: ${what}` });

const unsupported = (what: string) =>
  new AwsError('InvalidParameterException', { message: `Log groups with ${what} are not supported here.` });
