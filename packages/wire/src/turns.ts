/** Runs tasks one after the other, in the order they came: what one has checked still holds when it writes. A failed one holds up none. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #count = 0;

  /** None runs or waits. */
  get isIdle(): boolean {
    return this.#count === 0;
  }

  /** @throws what `task` throws. */
  async run<Result>(task: () => Promise<Result>): Promise<Result> {
    this.#count += 1;
    const turn = this.#last.then(task);
    this.#last = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      this.#count -= 1;
    }
  }
}

/** Turns for each name; those of different names wait for nobody. Keeps nothing of a name that has none. */
export class NamedTurns {
  readonly #byName = new Map<string, Turns>();

  /** @throws what `task` throws. */
  async run<Result>(name: string, task: () => Promise<Result>): Promise<Result> {
    const turns = this.#byName.get(name) ?? new Turns();
    this.#byName.set(name, turns);
    try {
      return await turns.run(task);
    } finally {
      if (turns.isIdle) this.#byName.delete(name);
    }
  }
}
