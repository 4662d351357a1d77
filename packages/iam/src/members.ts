import { AwsError } from '@spillway/wire';
import { listMembers, type QueryInput } from './query-request.ts';

export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** A member that must be there. @throws AwsError `ValidationError`. */
export function required(input: QueryInput, name: string): string {
  const value = input.get(name);
  if (value !== undefined) return value;
  throw violation(`Value null at '${memberName(name)}' failed to satisfy constraint: Member must not be null`);
}

/** A name as roles and policies have it. @throws AwsError `ValidationError`. */
export function requiredName(input: QueryInput, name: string, maxCharacters: number, minCharacters = 1): string {
  const value = limited(required(input, name), name, minCharacters, maxCharacters);
  if (/^[\w+=,.@-]+$/.test(value)) return value;
  throw new AwsError('ValidationError', {
    message: `The specified value for ${memberName(name)} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`,
  });
}

export const roleName = (input: QueryInput): string => requiredName(input, 'RoleName', 64);
export const policyName = (input: QueryInput): string => requiredName(input, 'PolicyName', 128);

/** `/` or `/division/team/`. @throws AwsError `ValidationError`. */
export function path(input: QueryInput): string {
  const value = limited(input.get('Path') ?? '/', 'Path', 1, 512);
  if (/^\/(?:[\u0021-\u007e]+\/)?$/.test(value)) return value;
  throw new AwsError('ValidationError', {
    message:
      'The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.',
  });
}

/** A text of a limited length; undefined when it is not sent. @throws AwsError `ValidationError`. */
export function text(input: QueryInput, name: string, maxCharacters: number): string | undefined {
  const value = input.get(name);
  return value === undefined ? undefined : limited(value, name, 0, maxCharacters);
}

/** @throws AwsError `ValidationError`. */
export function wholeNumber(input: QueryInput, name: string, min: number, max: number): number | undefined {
  const value = input.get(name);
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!/^-?\d{1,12}$/.test(value)) throw new AwsError('ValidationError', { message: `${name} must be a number.` });
  if (number < min) throw outOfRange(value, name, `greater than or equal to ${min}`);
  if (number > max) throw outOfRange(value, name, `less than or equal to ${max}`);
  return number;
}

/** @throws AwsError `ValidationError` for any other value. */
export function oneOf(input: QueryInput, name: string, values: readonly string[]): string | undefined {
  const value = input.get(name);
  if (value === undefined || values.includes(value)) return value;
  throw violation(
    `Value '${value}' at '${memberName(name)}' failed to satisfy constraint: Member must satisfy enum value set: [${values.join(', ')}]`,
  );
}

export function flag(input: QueryInput, name: string): boolean {
  return input.get(name) === 'true';
}

/** @throws AwsError `ValidationError` naming the first of these members, values or lists, that was sent: it would have no effect here. */
export function refuse(input: QueryInput, ...names: readonly string[]): void {
  const sent = names.find((name) => [...input.keys()].some((key) => key === name || key.startsWith(`${name}.`)));
  if (sent === undefined) return;
  throw new AwsError('ValidationError', { message: `Spillway does not support ${sent}. Leave it out.` });
}

/** `Tags`. A later one of the same key wins, as keys are told apart without case. @throws AwsError `InvalidInput`, `ValidationError`. */
export function tags(input: QueryInput): readonly Tag[] {
  const found = listMembers(input, 'Tags').map((member) => ({
    key: limited(required(member, 'Key'), 'tags.member.key', 1, 128),
    value: limited(required(member, 'Value'), 'tags.member.value', 0, 256),
  }));
  const keys = found.map(({ key }) => key.toLowerCase());
  if (new Set(keys).size === keys.length) return withinLimit(found);
  throw new AwsError('InvalidInput', {
    message: 'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
  });
}

const MAX_TAGS = 50;

/** @throws AwsError `LimitExceeded`. */
export function withinLimit(all: readonly Tag[]): readonly Tag[] {
  if (all.length <= MAX_TAGS) return all;
  throw new AwsError('LimitExceeded', { message: `The number of tags has reached the maximum limit of ${MAX_TAGS}.` });
}

function limited(value: string, name: string, min: number, max: number): string {
  if (value.length < min) throw outOfLength(value, name, `greater than or equal to ${min}`);
  if (value.length > max) throw outOfLength(value, name, `less than or equal to ${max}`);
  return value;
}

const memberName = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);

const outOfLength = (value: string, name: string, what: string) =>
  violation(`Value '${value}' at '${memberName(name)}' failed to satisfy constraint: Member must have length ${what}`);

const outOfRange = (value: string, name: string, what: string) =>
  violation(`Value '${value}' at '${memberName(name)}' failed to satisfy constraint: Member must have value ${what}`);

const violation = (what: string) =>
  new AwsError('ValidationError', { message: `1 validation error detected: ${what}` });
