import type { ChecksumAlgorithm, Checksums } from './object-store.ts';

/** What a store says of an object, as one; undefined when it says nothing. */
export function storedChecksums(
  values: readonly (readonly [ChecksumAlgorithm, string])[],
  type: string | undefined,
): Checksums | undefined {
  if (values.length === 0) return undefined;
  // A composite one of an old store has no type, but the number of its parts.
  const isComposite = type === 'COMPOSITE' || values.some(([, value]) => /-\d+$/.test(value));
  return { type: isComposite ? 'COMPOSITE' : 'FULL_OBJECT', values: Object.fromEntries(values) };
}
