/** One document put under its key, or, where `value` is undefined, deleted. */
export interface StateChange<Value> {
  readonly key: string;
  readonly value: Value | undefined;
}

/** Documents by key. Values are plain data: what `structuredClone` and JSON both keep. */
export interface StateTable<Value> {
  /** All that is there, in the order of their keys. Read at the start; services keep their own model in memory. */
  entries(): Iterable<readonly [key: string, value: Value]>;
  /** All changes or none. When it settles they outlive the process, however that ends. @throws Error when the disk refuses. */
  write(changes: readonly StateChange<Value>[]): Promise<void>;
}

/** Where a service keeps what must outlive the process. Each table belongs to one service. */
export interface StateStore {
  table<Value>(name: string): StateTable<Value>;
}

/** Keeps nothing beyond the process. */
export class MemoryState implements StateStore {
  readonly #tables = new Map<string, Map<string, unknown>>();

  table<Value>(name: string): StateTable<Value> {
    const documents = this.#tables.get(name) ?? new Map<string, unknown>();
    this.#tables.set(name, documents);
    return {
      entries: () => [...documents].sort(([a], [b]) => (a < b ? -1 : 1)) as [string, Value][],
      write: async (changes) => {
        for (const { key, value } of changes) {
          if (value === undefined) documents.delete(key);
          else documents.set(key, structuredClone(value));
        }
      },
    };
  }
}
