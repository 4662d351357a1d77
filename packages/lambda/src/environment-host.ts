import type { CredentialStore } from '@spillway/http';
import type { Limits, LogWriter } from '@spillway/wire';
import type { AwsHosts } from './aws-hosts/aws-hosts.ts';
import type { MemoryWatch } from './memory-watch.ts';
import type { ProcessSupervisor } from './process-supervisor.ts';
import type { Sandbox } from './sandbox/sandbox.ts';

/** What all execution environments of one server share. */
export interface EnvironmentHost {
  readonly region: string;
  readonly limits: Limits;
  readonly bootstrapPath: string;
  readonly endpointUrl: string;
  readonly endpointServices: readonly string[];
  readonly credentials: CredentialStore;
  readonly hostCredentials?: Readonly<Record<string, string>>;
  /** The directories of all environments are made below. */
  readonly directory: string;
  readonly logs: LogWriter;
  readonly memoryWatch: MemoryWatch;
  readonly supervisor: ProcessSupervisor;
  readonly pythonBootstrapPath?: string;
  readonly interpreters?: ReadonlyMap<string, string>;
  /** A directory or a zip for the public layer of the web adapter. */
  readonly webAdapterLayer?: string;
  /** The adapter's file in that layer, when it is our own. Undefined: it is a user's. */
  readonly ownWebAdapter: Promise<string | undefined>;
  /** Known when the host has been tried. */
  readonly sandbox: Promise<Sandbox>;
  /** Undefined: requests to AWS's hosts go to AWS. */
  readonly awsHosts?: AwsHosts;
  /** What becomes of the response of a web app that breaks in mid stream. As the web adapter does: it ends well, with text appended. */
  readonly lwaFailedStream?: 'as-lwa' | 'break';
  readonly report: (line: string) => void;
}
