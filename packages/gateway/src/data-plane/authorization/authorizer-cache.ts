import type { AuthorizerResult } from './authorizer-result.ts';

/** So many answers are kept at once; the oldest goes first. */
const MAX_ENTRIES = 10_000;

interface Entry {
  readonly result: AuthorizerResult;
  readonly expiresAtMs: number;
}

/** What authorizers answered, for as long as they may be taken at their word. */
export class AuthorizerCache {
  readonly #entries = new Map<string, Entry>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number = Date.now) {
    this.#nowMs = nowMs;
  }

  find(key: string): AuthorizerResult | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.expiresAtMs > this.#nowMs()) return entry.result;
    this.#entries.delete(key);
    return undefined;
  }

  /** Forgets all whose key begins so. */
  forget(keyPrefix: string): void {
    for (const key of this.#entries.keys()) if (key.startsWith(keyPrefix)) this.#entries.delete(key);
  }

  keep(key: string, result: AuthorizerResult, ttlSeconds: number): void {
    if (ttlSeconds <= 0) return;
    this.#entries.delete(key);
    this.#entries.set(key, { result, expiresAtMs: this.#nowMs() + ttlSeconds * 1000 });
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= MAX_ENTRIES) return;
      this.#entries.delete(oldest);
    }
  }
}

/** How the keys of all that a stage's authorizers answered begin. */
export const authorizersOfStage = (apiId: string, stageName: string): string =>
  `${JSON.stringify([apiId, stageName]).slice(0, -1)},`;
