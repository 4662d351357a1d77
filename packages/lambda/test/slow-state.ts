import { setTimeout as pause } from 'node:timers/promises';
import { MemoryState, type StateStore } from '@spillway/wire';

/** Writes as slowly as a disk, so that calls which are not kept apart meet. */
export function slowState(): StateStore {
  const memory = new MemoryState();
  return {
    table: (name) => {
      const table = memory.table<never>(name);
      return {
        entries: () => table.entries(),
        write: async (changes) => {
          await pause(20);
          await table.write(changes as never);
        },
      };
    },
  };
}
