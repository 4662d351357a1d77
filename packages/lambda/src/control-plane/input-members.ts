import { AwsError } from '@spillway/wire';

// Members of a JSON request by type. Undefined where they were not sent. @throws AwsError `SerializationException` for another type.

export type Input = Readonly<Record<string, unknown>>;

export const text = (input: Input, name: string): string | undefined => typed(input, name, isText, 'a String');

export const integer = (input: Input, name: string): number | undefined => typed(input, name, isInteger, 'an Integer');

export const flag = (input: Input, name: string): boolean | undefined => typed(input, name, isFlag, 'a Boolean');

export const structure = (input: Input, name: string): Input | undefined => {
  const found = typed(input, name, isStructure, 'a structure');
  if (found === undefined) return undefined;
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== null));
};

export const texts = (input: Input, name: string): readonly string[] | undefined =>
  typed(input, name, isTexts, 'a list of String');

export const textMap = (input: Input, name: string): Readonly<Record<string, string>> | undefined =>
  typed(input, name, isTextMap, 'a map of String');

/** A number in a query or a path. */
export function queryInteger(value: string | undefined, name: string): number | undefined {
  if (value === undefined || value === '') return undefined;
  if (/^-?\d+$/.test(value)) return Number(value);
  throw wrongType(name, 'an Integer');
}

function typed<T>(input: Input, name: string, is: (value: unknown) => value is T, type: string): T | undefined {
  const value = input[name];
  if (value === undefined) return undefined;
  if (!is(value)) throw wrongType(name, type);
  return value;
}

const wrongType = (name: string, type: string) =>
  new AwsError('SerializationException', { message: `${name} can not be converted to ${type}` });

const isText = (value: unknown): value is string => typeof value === 'string';
const isInteger = (value: unknown): value is number => Number.isSafeInteger(value);
const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
const isStructure = (value: unknown): value is Input =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every(isText);
const isTextMap = (value: unknown): value is Readonly<Record<string, string>> =>
  isStructure(value) && Object.values(value).every(isText);
