/** Of the account, or of a role for a while: then with a session token. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** How many ended sessions are remembered, so that what they signed is told apart from what a stranger signed. */
const MAX_ENDED_SESSIONS = 10_000;

/** The credentials that requests may be signed with. */
export class CredentialStore {
  readonly #known = new Map<string, Credentials>();
  readonly #ended = new Set<string>();

  /** Replaces those with the same access key id. */
  add(credentials: Credentials): void {
    this.#known.set(credentials.accessKeyId, credentials);
    this.#ended.delete(credentials.accessKeyId);
  }

  /** What they signed is worth nothing from now on, as a presigned URL dies with its session on AWS. */
  remove(accessKeyId: string): void {
    const credentials = this.#known.get(accessKeyId);
    this.#known.delete(accessKeyId);
    if (credentials?.sessionToken === undefined) return;
    this.#ended.add(accessKeyId);
    for (const oldest of this.#ended) {
      if (this.#ended.size <= MAX_ENDED_SESSIONS) return;
      this.#ended.delete(oldest);
    }
  }

  find(accessKeyId: string): Credentials | undefined {
    return this.#known.get(accessKeyId);
  }

  /** Whether this was a session's key that has been removed. */
  hasEnded(accessKeyId: string): boolean {
    return this.#ended.has(accessKeyId);
  }
}
