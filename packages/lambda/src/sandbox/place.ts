/** Directories of one execution environment. */
export interface EnvironmentDirectories {
  /** The function's code: /var/task. */
  readonly taskRoot: string;
  /** Its layers, merged: /opt. */
  readonly optDirectory: string;
  /** Its own: /tmp. */
  readonly temporaryDirectory: string;
  /** Where its interpreter is, in `bin`: /var/lang. */
  readonly langDirectory: string;
}

/** A process that is about to be started. `environment` is all that it gets. */
export interface Launch {
  readonly command: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Where the processes of one execution environment find its directories: at AWS's paths, or at their real ones. */
export interface Place extends EnvironmentDirectories {
  readonly isSandbox: boolean;
  /** Where it finds the directory that all environments share. Undefined: at its real path. */
  readonly sharedDirectory?: string;
  /**
   * How to start a process so that it finds them there. Its working directory is the task root, it keeps the process id that it is
   * started with, and it sees what every other process of this place sees.
   */
  launch(launch: Launch): Launch;
}

/** The real directories, for hosts that can't do better, and for debuggers. */
export const realPlace = (directories: EnvironmentDirectories): Place => ({
  ...directories,
  isSandbox: false,
  launch: (launch) => launch,
});
