/** What `spillway --help` prints. */
export const OVERVIEW: string = `
Large files through API Gateway REST APIs and streaming Lambda functions, on one machine.

  spillway start [options]           serve templates, or the demo
  spillway logs FUNCTION [options]   what CloudWatch Logs would show
  spillway get URL [options]         a file in parallel ranges, resumed and verified
  spillway verify URL [options]      proves a download endpoint, here or on AWS
  spillway COMMAND --help            the options of one command
  spillway --version
`;

const START = `
spillway start [options]: serves S3, Lambda and API Gateway REST APIs on one port of this machine, until Ctrl-C.

  --template FILE           a SAM or CloudFormation template, a stack of its own; may stand several times. Default: the demo,
                            the stacks of examples/
  --port PORT               default 4566; 0 for any free one
  --region REGION           default us-east-1
  --limits aws|off          off: no pace, no 200 MB cap, no idle and 15-minute cut-offs of streams. Default aws: all limits hold
  --limit NAME=VALUE        sets one limit, by its name in packages/wire/src/limits.ts; may stand several times
  --state DIR               keeps there what the APIs made, objects and logs. Default: a temporary directory, removed at the end
  --credentials KEY:SECRET  known besides test:test; may stand several times
  --verify-signatures       takes only calls that are signed with known credentials. Default: any signature or none will do, but for
                            presigned URLs and IAM authorisation, which are always checked
  --inspect FUNCTION[=PORT] opens Node's debugger for a function and suspends its timeouts; may stand several times
  --interpreter RUNTIME=PATH
                            the program that runs a runtime (python3.12=/usr/bin/python3); may stand several times. Default: searched
  --lwa-layer PATH          AWS's own layer of Lambda Web Adapter, a zip file or directory, in place of ours
  --lwa-failed-stream as-lwa|break
                            what becomes of a stream that a web app breaks off. Default as-lwa: it ends well, as behind AWS's adapter
  --aws-credentials own|host
                            host: functions get this shell's AWS credentials. Default own: credentials known here alone
  --aws-hosts local|off     local (default): what functions ask of AWS's S3 hosts is answered by the local bucket of that name, if any
  --ignore-unsupported      starts although a template holds what is not supported; it is named and left out
`;

const LOGS = `
spillway logs FUNCTION [options]: prints the log of a function, named by function name or logical ID, or of a log group.

  --follow       goes on with what comes, until Ctrl-C
  --port PORT    of the running server; default 4566
`;

const GET = `
spillway get URL [options]: downloads a file in parallel ranges, resumes, verifies, and puts it in place when it is whole. Works on any
server; one without ranges is read in one stream.

  -o, --output FILE         or a directory that is there. Default: the server's name, made safe, in this directory
  -H, --header 'Name: value'
                            sent to the URL's own origin, never written to disk; may stand several times
  --sha256 HEX              what the file must be. Default: the checksum that the server gives, if it gives one
  --concurrency N           so many ranges at once. Default: 4, more while that is faster (16 at most), half when throttled
  --range-size BYTES        default 5242880 (5 MiB), which Lambda and API Gateway send at full speed
  --on-change restart|fail  what to do when the object is replaced in the middle. Default restart, three times at most
  --accept-unknown-length   takes a body that has neither length nor checksum, where a cut transfer can look whole
  --force                   replaces a FILE that differs, and a FILE.part that no download left. A FILE that is there and the same is
                            verified, and that is all
  --quiet                   prints nothing but failures
  --json                    prints one JSON document on standard output: the file and what it cost, or the failure

The bytes go to FILE.part, with FILE.part.json beside it. After Ctrl-C, a crash or a lost network the same command goes on.

Exit codes: 0 the file is there and whole; 1 misuse, or the disk; 3 refused by the server; 4 it can't be reached or fails again and
again; 5 its answers contradict themselves or prove nothing; 6 the object changed; 7 wrong checksum; 8 FILE is there and differs, or is
in use; 130 Ctrl-C.
`;

const VERIFY = `
spillway verify URL [options]: proves a download endpoint by plain requests: size, digest, first byte before last, HEAD, ranges, resume,
conditions, headers, names, HTTP version, buffering, pace. Works on any server, here and on AWS. Name an object of more than 10 MiB that
does not change.

  --buffered URL       a route with a BUFFERED integration and an object too large for it: it must refuse soon, and whole
  -H, --header 'Name: value'
                       sent to the URL's own origin, and to that of --buffered; may stand several times
  --sha256 HEX         what the object must be. Default: the checksum that the server gives, if it gives one
  --max-bytes BYTES    read of the object at most; default 209715200 (200 MiB). The other checks read 6 MB at most
  --timeout SECONDS    for all of it; default 300
  --json               prints one JSON document on standard output

Each check passes, warns (it works, and something could be better or is not proved), fails or is skipped. docs/verify.md tells of each.

Exit codes: 0 no check failed; 1 a check failed; 2 misuse; 130 Ctrl-C.
`;

/** What `--help` prints behind a command. */
export const HELP: Readonly<Record<'start' | 'logs' | 'get' | 'verify', string>> = {
  start: START,
  logs: LOGS,
  get: GET,
  verify: VERIFY,
};
