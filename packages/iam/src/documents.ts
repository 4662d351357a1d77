import type { StateTable } from '@spillway/wire';

/** Documents by key, all in memory, and on the disk before they are seen. */
export class Documents<Value> {
  readonly #table: StateTable<Value>;
  readonly #values: Map<string, Value>;

  constructor(table: StateTable<Value>) {
    this.#table = table;
    this.#values = new Map(table.entries());
  }

  get(key: string): Value | undefined {
    return this.#values.get(key);
  }

  values(): readonly Value[] {
    return [...this.#values.values()];
  }

  async put(key: string, value: Value): Promise<void> {
    await this.#table.write([{ key, value }]);
    this.#values.set(key, value);
  }

  async delete(key: string): Promise<void> {
    await this.#table.write([{ key, value: undefined }]);
    this.#values.delete(key);
  }
}
