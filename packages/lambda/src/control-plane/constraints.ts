import { AwsError } from '@spillway/wire';

/** What is wrong with a member, in the words that AWS's services share. */
type Violation = string;

const violation = (member: string, value: unknown, constraint: string): Violation =>
  `Value ${value === undefined ? 'null' : `'${String(value)}'`} at '${member}' failed to satisfy constraint: ${constraint}`;

/**
 * Collects what is wrong with a request's members, so that one error names all of it.
 * @see https://docs.aws.amazon.com/lambda/latest/api/CommonErrors.html
 */
export class Constraints {
  readonly #violations: Violation[] = [];

  required(member: string, value: unknown): this {
    if (value === undefined) this.#violations.push(violation(member, undefined, 'Member must not be null'));
    return this;
  }

  /** `pattern` as AWS quotes it; `matcher` where JavaScript writes it in another way. */
  pattern(
    member: string,
    value: string | undefined,
    pattern: string,
    matcher: RegExp = new RegExp(`^(?:${pattern})$`),
  ): this {
    if (value === undefined || matcher.test(value)) return this;
    return this.#add(member, value, `Member must satisfy regular expression pattern: ${pattern}`);
  }

  length(member: string, value: string | readonly unknown[] | undefined, most: number, least = 0): this {
    if (value === undefined) return this;
    const shown = typeof value === 'string' ? value : `[${value.join(', ')}]`;
    if (value.length > most) return this.#add(member, shown, `Member must have length less than or equal to ${most}`);
    if (value.length < least)
      return this.#add(member, shown, `Member must have length greater than or equal to ${least}`);
    return this;
  }

  range(member: string, value: number | undefined, least: number, most: number = Number.POSITIVE_INFINITY): this {
    if (value === undefined) return this;
    if (value > most) return this.#add(member, value, `Member must have value less than or equal to ${most}`);
    if (value < least) return this.#add(member, value, `Member must have value greater than or equal to ${least}`);
    return this;
  }

  oneOf(member: string, value: string | undefined, values: readonly string[]): this {
    if (value === undefined || values.includes(value)) return this;
    return this.#add(member, value, `Member must satisfy enum value set: [${values.join(', ')}]`);
  }

  /** @throws AwsError `ValidationException` naming every violation. */
  hold(): void {
    const count = this.#violations.length;
    if (count === 0) return;
    const noun = count === 1 ? 'error' : 'errors';
    throw new AwsError('ValidationException', {
      message: `${count} validation ${noun} detected: ${this.#violations.join('; ')}`,
    });
  }

  #add(member: string, value: unknown, constraint: string): this {
    this.#violations.push(violation(member, value, constraint));
    return this;
  }
}
