/** Bytes that came one after another, to be written at once: fewer, larger writes cost less. */
export interface Batch {
  readonly chunks: readonly Uint8Array[];
  readonly sizeBytes: number;
}

const BATCH_BYTES = 524_288;
/** A slow stream is written, and told of, sooner. */
const BATCH_MS = 250;

/** Passes bytes on in batches. What came before a failure is passed on before it is thrown. */
export async function* batches(body: AsyncIterable<Uint8Array>): AsyncGenerator<Batch, void, undefined> {
  let chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  let beganAtMs = performance.now();
  let failure: { readonly error: unknown } | undefined;
  const take = (): Batch => {
    const batch = { chunks, sizeBytes };
    chunks = [];
    sizeBytes = 0;
    beganAtMs = performance.now();
    return batch;
  };
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      sizeBytes += chunk.byteLength;
      if (sizeBytes >= BATCH_BYTES || performance.now() - beganAtMs >= BATCH_MS) yield take();
    }
  } catch (error) {
    failure = { error };
  }
  if (sizeBytes > 0) yield take();
  if (failure !== undefined) throw failure.error;
}
