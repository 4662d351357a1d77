import { resolve, type Scope } from './intrinsic-functions.ts';
import { type MapEntry, type Position, type TemplateNode, textOf, valueAt } from './template-node.ts';

/**
 * The template's Conditions, each worked out once, when it is first asked for.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html
 */
export class Conditions {
  readonly #section: TemplateNode | undefined;
  readonly #known = new Map<string, boolean>();
  readonly #open = new Set<string>();

  constructor(section: TemplateNode | undefined) {
    this.#section = section;
  }

  /** False, and reported, when there is no such condition or it refers to itself. */
  isTrue(name: string, at: Position, scope: Scope): boolean {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const node = valueAt(this.#section, name);
    if (node === undefined || this.#open.has(name)) {
      const reason = node === undefined ? 'is not among the Conditions' : 'refers to itself';
      scope.problems.error(at, `Condition ${name} ${reason}.`);
      return false;
    }
    this.#open.add(name);
    const value = this.#evaluate(node, scope);
    this.#open.delete(name);
    this.#known.set(name, value);
    return value;
  }

  /** Works out all of them, so that a mistake in an unused one shows too. */
  checkAll(scope: Scope): void {
    if (this.#section?.kind !== 'map') return;
    for (const [name, { at }] of this.#section.entries) this.isTrue(name, at, scope);
  }

  #evaluate(node: TemplateNode, scope: Scope): boolean {
    const [call] = node.kind === 'map' && node.entries.size === 1 ? node.entries : [];
    const [name, entry] = call ?? [];
    const items = entry?.value.kind === 'list' ? entry.value.items : [];
    const known = entry === undefined ? undefined : this.#call(name ?? '', entry, items, scope);
    if (known !== undefined) return known;
    scope.problems.error(
      node.at,
      'A condition is one of Fn::Equals (two values), Fn::And, Fn::Or, Fn::Not and Condition.',
    );
    return false;
  }

  /** Undefined when it is no condition function, or has no arguments. */
  #call(name: string, { at, value }: MapEntry, items: readonly TemplateNode[], scope: Scope): boolean | undefined {
    if (name === 'Condition') return this.isTrue(textOf(value) ?? '', at, scope);
    if (items.length === 0) return undefined;
    if (name === 'Fn::Equals') return items.length === 2 ? equals(items, scope) : undefined;
    // Each is worked out, so that a mistake in any of them shows.
    const values = CONNECTIVES[name] === undefined ? [] : items.map((item) => this.#evaluate(item, scope));
    return CONNECTIVES[name]?.(values);
  }
}

const CONNECTIVES: Readonly<Record<string, (values: readonly boolean[]) => boolean>> = {
  'Fn::And': (values) => values.every(Boolean),
  'Fn::Or': (values) => values.some(Boolean),
  'Fn::Not': (values) => values[0] !== true,
};

function equals(items: readonly TemplateNode[], scope: Scope): boolean {
  const [left, right] = items.map((item) => textOf(resolve(item, scope)));
  return left === right;
}
