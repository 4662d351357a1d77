import { readdirSync } from 'node:fs';

/** What Spillway left in `directory`, the TMPDIR of the commands that ran. */
export const leftIn = (directory: string): readonly string[] =>
  readdirSync(directory).filter((name) => name.startsWith('spillway-'));
