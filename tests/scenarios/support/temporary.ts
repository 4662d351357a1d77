import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** The temporary directories of Spillway that there are, by name. */
export const temporaryDirectories = (): readonly string[] =>
  readdirSync(tmpdir()).filter((name) => /^spillway-[A-Za-z0-9]{6}$/.test(name));
