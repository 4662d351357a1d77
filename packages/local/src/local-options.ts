import type { Credentials } from '@spillway/http';
import type { Limits } from '@spillway/wire';

export interface LocalOptions {
  /** SAM or CloudFormation templates, each a stack of its own. */
  readonly templates: readonly string[];
  /** 0 for any free one. Default 4566. */
  readonly port?: number;
  /** Default `us-east-1`. */
  readonly region?: string;
  readonly limits?: Limits;
  /** What the APIs made, objects and logs are kept here. Default: a temporary directory, removed at the end. */
  readonly stateDirectory?: string;
  /** Known besides `test`/`test`. */
  readonly credentials?: readonly Credentials[];
  /** Calls are taken only with a signature by known credentials. Default: any signature or none will do, but for presigned URLs and AWS_IAM. */
  readonly verifySignatures?: boolean;
  /** Function name or logical ID to the debugger's port, 0 for any. */
  readonly inspect?: ReadonlyMap<string, number>;
  /** The user's own credentials as environment variables, for functions that call AWS itself. */
  readonly hostCredentials?: Readonly<Record<string, string>>;
  readonly ignoreUnsupported?: boolean;
  /** AWS's own layer of the Lambda Web Adapter, a directory or zip file, in place of ours. Absolute. */
  readonly webAdapterLayer?: string;
  /**
   * What becomes of a response whose web app breaks off: as behind AWS's adapter it ends well, with text appended (`as-lwa`, the default),
   * or the connection breaks.
   */
  readonly lwaFailedStream?: 'as-lwa' | 'break';
  /** Runtime (`python3.12`) to the absolute path of the interpreter to be used for it. Others are searched for. */
  readonly interpreters?: ReadonlyMap<string, string>;
  /** Whether functions see /var/task, /opt and a private /tmp at their real paths: where the host lets us (`auto`, the default), or never. */
  readonly sandbox?: 'auto' | 'off';
  /** Who answers functions that call AWS's S3 hosts: the local bucket of that name where there is one (`local`, the default), or always AWS. */
  readonly awsHosts?: 'local' | 'off';
  /** Takes one line for the person at the terminal: a failed request, a debugger's address. */
  readonly report?: (line: string) => void;
}
