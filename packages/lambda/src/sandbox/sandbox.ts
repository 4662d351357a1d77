import { type EnvironmentDirectories, type Place, realPlace } from './place.ts';

export type SandboxSetting = 'auto' | 'off';

/** Gives each execution environment its place. */
export interface Sandbox {
  place(directories: EnvironmentDirectories): Place;
}

export const noSandbox: Sandbox = { place: realPlace };
