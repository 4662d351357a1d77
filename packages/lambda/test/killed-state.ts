import type { StateStore, StateTable } from '@spillway/wire';

/** Keeps the first `writes` writes from now, and none after: what a server leaves that is killed there. */
export function killedState(state: StateStore, writes: number): StateStore {
  let left = writes;
  return {
    table: <Value>(name: string): StateTable<Value> => {
      const table = state.table<Value>(name);
      return {
        entries: () => table.entries(),
        write: async (changes) => {
          left -= 1;
          if (left < 0) throw new Error('killed');
          await table.write(changes);
        },
      };
    },
  };
}
