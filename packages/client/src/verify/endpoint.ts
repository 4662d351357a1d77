import type { Exchange } from '../exchange.ts';
import { type Version, versionOf } from '../version.ts';
import type { Part } from './ask-part.ts';
import type { WholeRead } from './whole-read.ts';

/** What checks know of an endpoint. */
export interface Endpoint {
  readonly exchange: Exchange;
  readonly whole: WholeRead;
  readonly version: Version;
  /** Of HEAD; undefined when none came, with the reason in `headFailure`. */
  readonly head: Part | undefined;
  readonly headFailure: string | undefined;
  /** How long the first byte of a small range took, or of HEAD where there are no ranges, ms; undefined when neither came. */
  readonly quickFirstByteMs: number | undefined;
}

export const strongEtag = ({ version }: Endpoint): string | undefined =>
  version.isStrong && version.etag !== undefined ? version.etag : undefined;

export const endpointOf = (parts: Omit<Endpoint, 'version'>): Endpoint => ({
  ...parts,
  version: versionOf(parts.whole.headers),
});
