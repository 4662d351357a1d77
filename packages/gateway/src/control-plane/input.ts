import { AwsError } from '@spillway/wire';
import { invalidValue, notServed } from './refusal.ts';

/** The members of a request's JSON body, read by name and type. Null counts as not sent. */
export class Input {
  readonly #name: string;
  readonly #members: Readonly<Record<string, unknown>>;

  /** `name` is the model's, as messages have it: `createRestApiInput`. */
  constructor(name: string, members: Readonly<Record<string, unknown>>) {
    this.#name = name;
    this.#members = members;
  }

  has(name: string): boolean {
    return this.#member(name) !== undefined;
  }

  /** @throws AwsError `SerializationException` for another type. So do all that follow. */
  text(name: string): string | undefined {
    return this.#typed(name, isText);
  }

  /** @throws AwsError `ValidationException` when it was not sent. */
  requiredText(name: string): string {
    const text = this.text(name);
    if (text === undefined) throw invalidValue('null', `${this.#name}.${name}`, 'not be null');
    return text;
  }

  /** @throws AwsError `ValidationException` for any other value. */
  oneOf<Value extends string>(name: string, values: readonly Value[]): Value | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const known = values.find((value) => value === text);
    if (known !== undefined) return known;
    throw invalidValue(`'${text}'`, `${this.#name}.${name}`, `satisfy enum value set: [${values.join(', ')}]`);
  }

  flag(name: string): boolean | undefined {
    return this.#typed(name, isFlag);
  }

  integer(name: string): number | undefined {
    return this.#typed(name, isInteger);
  }

  texts(name: string): string[] | undefined {
    return this.#typed(name, (value): value is string[] => Array.isArray(value) && value.every(isText));
  }

  /** A map of text to text; null in it is an empty text. */
  record(name: string): Record<string, string> | undefined {
    const map = this.#typed(name, isObject);
    if (map === undefined) return undefined;
    const entries = Object.entries(map).map(([key, value]) => [key, value ?? ''] as const);
    if (!entries.every(([, value]) => isText(value))) throw new AwsError('SerializationException');
    return Object.fromEntries(entries) as Record<string, string>;
  }

  flags(name: string): Record<string, boolean> | undefined {
    const map = this.#typed(name, isObject);
    if (map !== undefined && !Object.values(map).every(isFlag)) {
      throw new AwsError('SerializationException');
    }
    return map as Record<string, boolean> | undefined;
  }

  /** A map of text to lists of text. */
  lists(name: string): Record<string, string[]> | undefined {
    const map = this.#typed(name, isObject);
    if (map !== undefined && !Object.values(map).every((value) => Array.isArray(value) && value.every(isText))) {
      throw new AwsError('SerializationException');
    }
    return map as Record<string, string[]> | undefined;
  }

  object(name: string): Input | undefined {
    const members = this.#typed(name, isObject);
    return members === undefined ? undefined : new Input(`${this.#name}.${name}`, members);
  }

  objects(name: string): Input[] | undefined {
    const list = this.#typed(
      name,
      (value): value is Record<string, unknown>[] => Array.isArray(value) && value.every(isObject),
    );
    return list?.map((members, index) => new Input(`${this.#name}.${name}.${index + 1}.member`, members));
  }

  /** @throws AwsError that names the first of these members that was sent; false and an empty text are as if they were not. */
  refuse(...names: readonly string[]): void {
    const sent = names.find((name) => ![undefined, false, ''].includes(this.#member(name) as undefined));
    if (sent !== undefined) throw notServed(sent);
  }

  #member(name: string): unknown {
    return Object.hasOwn(this.#members, name) ? (this.#members[name] ?? undefined) : undefined;
  }

  #typed<Value>(name: string, isOfType: (value: unknown) => value is Value): Value | undefined {
    const value = this.#member(name);
    if (value === undefined || isOfType(value)) return value;
    throw new AwsError('SerializationException', { message: `Unexpected type of ${this.#name}.${name}` });
  }
}

const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
const isInteger = (value: unknown): value is number => Number.isInteger(value);
const isText = (value: unknown): value is string => typeof value === 'string';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
