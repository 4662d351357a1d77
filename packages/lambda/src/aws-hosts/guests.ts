import { randomBytes } from 'node:crypto';

/** An execution environment that may have its requests to AWS's hosts answered here. */
export interface Guest {
  /** Unguessable; fit for a user's password and for a label of a host name. */
  readonly credential: string;
  readonly functionName: string;
  /** Puts a line into its log. */
  readonly note: (text: string) => void;
}

/** Who may use the listener. */
export class Guests {
  readonly #guests = new Map<string, Guest>();
  /** Names by function: what its log has said. */
  readonly #told = new Map<string, Set<string>>();

  admit(guest: Omit<Guest, 'credential'>): Guest {
    const admitted = { ...guest, credential: randomBytes(16).toString('hex') };
    this.#guests.set(admitted.credential, admitted);
    return admitted;
  }

  remove({ credential }: Guest): void {
    this.#guests.delete(credential);
  }

  withCredential(credential: string): Guest | undefined {
    return this.#guests.get(credential);
  }

  /** By a header such as `Basic c3BpbGx3YXk6...`, whose password is the credential. */
  withAuthorization(header: string | undefined): Guest | undefined {
    const [, encoded = ''] = /^Basic\s+(\S+)$/i.exec(header ?? '') ?? [];
    const [, password = ''] = /^[^:]*:(.*)$/.exec(Buffer.from(encoded, 'base64').toString()) ?? [];
    return this.withCredential(password);
  }

  /** Says it in the function's log unless that was said of `about` before. */
  noteOnce({ functionName, note }: Guest, about: string, text: string): void {
    const told = this.#told.get(functionName) ?? new Set();
    this.#told.set(functionName, told);
    if (told.has(about)) return;
    told.add(about);
    note(text);
  }
}
