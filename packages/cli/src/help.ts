/** What `spillway --help` prints. */
export const OVERVIEW: string = `
Large files through API Gateway REST APIs and streaming Lambda functions, on one machine.

  spillway start [options]           serve templates, or the demo
  spillway logs FUNCTION [options]   what CloudWatch Logs would show
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
  --state DIR               keeps buckets and logs there. Default: a temporary directory, removed at the end
  --credentials KEY:SECRET  known besides test:test; may stand several times
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

/** What `--help` prints behind a command. */
export const HELP: Readonly<Record<'start' | 'logs', string>> = { start: START, logs: LOGS };
