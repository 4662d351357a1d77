/**
 * Why a response ended before its last byte: the object was replaced (`changed`), its bytes are not those that were stored
 * (`checksum`), the store failed for good (`origin`), the invocation's time is up (`deadline`), or Lambda sends no more (`size`).
 */
export type BreakReason = 'changed' | 'checksum' | 'origin' | 'deadline' | 'size';

/** Thrown in mid-stream, when an error has no shape left but a connection that breaks. */
export class BrokenResponse extends Error {
  override readonly name = 'BrokenResponse';
  readonly reason: BreakReason;

  constructor(reason: BreakReason, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.reason = reason;
  }
}
