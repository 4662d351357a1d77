// AWS Lambda on one machine: functions, execution environments, Invoke and InvokeWithResponseStream in process, and the log of it all.
//
// Same as AWS, by its documentation, recordings of its answers and its own emulator: the Runtime API and the Extensions API, the life of an
// environment (init and its timeout, reuse, scaling out, timeout, crash, out of memory, extensions and shutdown), error payloads,
// throttling, resource policies, environment variables, log lines, limits and pace of responses.
// On Linux, where mount namespaces can be had (found out by trying), also AWS's paths: /var/task and /opt, read-only, and a /tmp of each
// environment's own; what the runtime itself needs of the host's /opt and /tmp stays in sight there, read-only. Elsewhere, and with
// SPILLWAY_SANDBOX=off, LAMBDA_TASK_ROOT is the real directory, which can be written, /opt is found by PATH, LD_LIBRARY_PATH,
// NODE_PATH, PYTHONPATH and AWS_LAMBDA_EXEC_WRAPPER only, and /tmp is TMPDIR.
// On purpose: an environment is a process group with a view of the file system, no container: user, network, clock and all other files are
// this machine's, so a web app's environments have ports of their own. An idle function is not frozen. Code and layers that changed serve
// the next invocation. A runtime is the installed interpreter that comes nearest, and LAMBDA_RUNTIME_DIR is no /var/runtime. Directories
// that Lambda's own system libraries are in are left out of LD_LIBRARY_PATH. What was built for another machine fails here.
// Our own web adapter counts as 14 MiB of a function's memory, as AWS's binary would, whatever it takes.
// Missing, refused by name: managed runtimes but Node.js and Python, unless a wrapper starts something else; the Logs and Telemetry APIs.
// Missing: limits of descriptors, processes and disk, provisioned concurrency. What the API over HTTP lacks: lambda-api.ts.
import { mkdtemp, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { CredentialStore, Service } from '@spillway/http';
import {
  type Body,
  type FunctionConfiguration,
  type FunctionPermission,
  type FunctionUrlConfiguration,
  type Invoker,
  type Limits,
  type LogWriter,
  MemoryState,
  type StateStore,
} from '@spillway/wire';
import { AwsHosts, type AwsHostsOptions } from './aws-hosts/aws-hosts.ts';
import { Concurrency } from './concurrency.ts';
import { CodeLocations } from './control-plane/code-locations.ts';
import { CodeStore } from './control-plane/code-store.ts';
import { LayerVersions } from './control-plane/layer-versions.ts';
import { functionUrlAddress } from './function-url/function-url-address.ts';
import { FunctionUrls } from './function-url/function-urls.ts';
import { handleFunctionUrl } from './function-url/handle-function-url.ts';
import { Functions } from './functions.ts';
import { LambdaInvoker } from './invoke.ts';
import { AsynchronousInvocations } from './invoke-api/asynchronous-invocations.ts';
import { handleLambdaRequest } from './lambda-api.ts';
import { LogGroups } from './logs/log-groups.ts';
import { handleLogsRequest } from './logs/logs-api.ts';
import { MemoryWatch } from './memory-watch.ts';
import { ProcessSupervisor } from './process-supervisor.ts';
import { keptPathsOf } from './sandbox/kept-paths.ts';
import { openSandbox, type SandboxSetting, sharedDirectoryOf } from './sandbox/sandbox.ts';
import { ownWebAdapter } from './web/own-web-adapter.ts';

export interface LambdaOptions {
  readonly region: string;
  readonly limits: Limits;
  /** For logs, which stay, and unpacked code, which does not. It must exist. */
  readonly directory: string;
  /** Of the Node.js runtime: the file that a `nodejs` function's process runs. */
  readonly bootstrapPath: string;
  /** Of the Python runtime: the file that a `python3` function's process runs. Undefined: Python handlers are refused. */
  readonly pythonBootstrapPath?: string;
  /**
   * What the public layer of the Lambda Web Adapter is here: a directory or a zip, laid out as AWS's own. One below `directory` is the
   * server's own: its adapter counts as much of a function's memory as AWS's would.
   */
  readonly webAdapterLayer?: string;
  /**
   * What becomes of the response of a web app that breaks in mid stream: what the web adapter makes of it (the default), which ends well
   * with the text of an error appended, or a response that is broken off.
   */
  readonly lwaFailedStream?: 'as-lwa' | 'break';
  /** Runtime (`python3.12`) to the interpreter that is to be used for it. Others are searched for. */
  readonly interpreters?: ReadonlyMap<string, string>;
  /** Whether functions see /var/task, /opt and a private /tmp: where the host lets us (`auto`, the default), or never. */
  readonly sandbox?: SandboxSetting;
  /** Where functions find our services: `http://127.0.0.1:PORT`. */
  readonly endpointUrl: string;
  /** Suffixes of the `AWS_ENDPOINT_URL_*` given to functions: `S3`, `CLOUDWATCH_LOGS`. */
  readonly endpointServices: readonly string[];
  /** Each environment's own credentials are known here while it lives. */
  readonly credentials: CredentialStore;
  /** `AWS_ACCESS_KEY_ID` and so on, given to functions in place of generated ones. */
  readonly hostCredentials?: Readonly<Record<string, string>>;
  /** Function name or logical id to the port of its debugger; 0 for any. */
  readonly inspect?: ReadonlyMap<string, number>;
  /** Directories that are never a function's code, though they may lie within it, such as the state directory. */
  readonly ignoredPaths?: readonly string[];
  /** Where functions and layers of the API outlive the process. By default they do not. */
  readonly state?: StateStore;
  /** An object of the local S3, for code that is taken from there. @throws AwsError `NoSuchKey`, `NoSuchBucket`. */
  readonly readObject?: (bucketName: string, key: string) => Promise<Body>;
  /** Answers what functions ask of AWS's S3 hosts for buckets that it has. Undefined: all such requests go to AWS. */
  readonly awsHosts?: AwsHostsOptions;
  /** One line for the terminal. */
  readonly report?: (line: string) => void;
}

export interface Lambda extends Service {
  readonly invoker: Invoker;
  readonly logs: LogWriter;
  /**
   * @throws UsageError for a runtime that is not supported yet, and for code that is not there.
   * @throws AwsError `ResourceConflictException`, `InvalidParameterValueException`.
   */
  createFunction(configuration: FunctionConfiguration): Promise<void>;
  /** @throws AwsError `ResourceNotFoundException`, `ResourceConflictException`. */
  addPermission(permission: FunctionPermission): Promise<void>;
  /**
   * Makes a template's function URL; gives back its address. Its id is the same at every start.
   * @throws AwsError `ResourceNotFoundException`, `ResourceConflictException`.
   */
  createFunctionUrlConfig(configuration: FunctionUrlConfiguration): Promise<string>;
  functions(): readonly FunctionConfiguration[];
}

export async function startLambda(options: LambdaOptions): Promise<Lambda> {
  const { directory, limits, region, report = () => {} } = options;
  const logs = new LogGroups(join(directory, 'logs'), report, options.state);
  const runDirectory = await mkdtemp(join(await realpath(directory), 'run-'));
  const supervisor = new ProcessSupervisor(runDirectory);
  const ignoredPaths = await realPaths([directory, ...(options.ignoredPaths ?? [])]);
  const { bootstrapPath, pythonBootstrapPath, webAdapterLayer } = options;
  const keptPaths = keptPathsOf([process.execPath, bootstrapPath, pythonBootstrapPath, webAdapterLayer]);
  const awsHosts = options.awsHosts && new AwsHosts(options.awsHosts, sharedDirectoryOf(runDirectory));
  const { awsHosts: _, ...hostOptions } = options;
  const host = {
    ...hostOptions,
    ...(awsHosts && { awsHosts }),
    directory: runDirectory,
    logs,
    supervisor,
    memoryWatch: new MemoryWatch(),
    ownWebAdapter: ownWebAdapter(webAdapterLayer, directory),
    report,
    // Not waited for: the first invocation does.
    sandbox: openSandbox({ setting: sandboxSetting(options), directory: runDirectory, keptPaths, report }),
  };
  host.sandbox.catch(() => {});
  const concurrency = new Concurrency(limits.lambdaConcurrentExecutions);
  const { inspect = new Map(), state = new MemoryState() } = options;
  const code = await CodeStore.open(join(directory, 'code'));
  const layers = new LayerVersions(region, state);
  const functions = new Functions({ host, ignoredPaths, inspect, state, code, layers, concurrency });
  const invoker = new LambdaInvoker({ region, limits, functions, concurrency });
  const functionUrls = new FunctionUrls({ ...options, functions });
  await functions.finishDeletions((name) => functionUrls.deleteAllOf({ name }));
  await functionUrls.deleteThoseOfNoAlias();
  const asynchronousInvocations = new AsynchronousInvocations({ limits, invoker, concurrency, report });
  const locations = new CodeLocations(options.endpointUrl);
  const services = { functions, concurrency, invoker, asynchronousInvocations, functionUrls, code, layers, locations };
  const context = { ...options, ...services, ignoredPaths, report };
  const functionUrlContext = { region, limits, invoker, functionUrls, credentials: options.credentials, report };
  return {
    invoker,
    logs,
    createFunction: (configuration) => functions.create(configuration),
    addPermission: (permission) => functions.addPermission(permission),
    functions: () => functions.configurations(),
    createFunctionUrlConfig: async (configuration) =>
      functionUrls.text(await functionUrls.createOfTemplate(configuration)),
    handle: (request, response) => {
      const address = functionUrlAddress(request);
      if (address !== undefined) return handleFunctionUrl(functionUrlContext, address, request, response);
      return String(request.headers['x-amz-target'] ?? '').startsWith('Logs_')
        ? handleLogsRequest(logs, region, request, response)
        : handleLambdaRequest(context, request, response);
    },
    close: async () => {
      asynchronousInvocations.stop();
      invoker.stop();
      await functions.close();
      await invoker.ended();
      await host.sandbox.catch(() => {});
      await awsHosts?.close();
      await supervisor.close();
      logs.flush();
    },
  };
}

const realPaths = (paths: readonly string[]) => Promise.all(paths.map((path) => realpath(path).catch(() => path)));

const sandboxSetting = ({ sandbox }: LambdaOptions): SandboxSetting =>
  sandbox ?? (process.env['SPILLWAY_SANDBOX'] === 'off' ? 'off' : 'auto');
