// AWS Lambda Web Adapter: what /opt/extensions/lambda-adapter starts. It stands between Lambda's Runtime API and a web app.
//
// Same as AWS's binary: the calls to Runtime API and Extensions API, their order, headers and bodies; every AWS_LWA_* variable and
// deprecated spelling; readiness; what the app is asked (method, path, query, headers, body) for events of REST APIs, HTTP APIs,
// function URLs, load balancers and for any other; buffered and streamed responses; the lines it logs. How we know: one suite runs
// against this file and against AWS's lambda_web_adapter 1.0.0-rc1 (tests/conformance/web-adapter), where all differences are listed.
// As the released layer 27 (1.0.0), where 1.0.0-rc1 differs: the error for a configured error status holds the app's answer; a panic (an
// app that breaks off a buffered response, a Host that is none) ends the process, which Lambda calls Extension.Crash.
// On purpose: when a post is not taken, the next event is asked for, where AWS's adapter ends; it ends without a word when the Runtime
// API is gone; methods are sent in capitals; messages of panics and of invalid JSON are shorter; SPILLWAY_LWA_FAILED_STREAM=break breaks a stream that the app broke off.
// Missing: several invocations at a time (AWS_LAMBDA_MAX_CONCURRENCY), log levels below INFO, spans as fields of JSON log lines.
import { AdapterCrash, CRASH_EXIT_CODE } from './web-adapter/adapter-crash.ts';
import { adapterLog } from './web-adapter/adapter-log.ts';
import { AdapterLoop } from './web-adapter/adapter-loop.ts';
import { adapterOptions } from './web-adapter/adapter-options.ts';
import { ApiClient } from './web-adapter/api-client.ts';
import { AppClient } from './web-adapter/app-client.ts';
import { registerExtension, waitAsExtension } from './web-adapter/extension.ts';
import { environmentConfig } from './web-adapter/lambda-context.ts';
import { Readiness } from './web-adapter/readiness.ts';

const log = adapterLog(process.env, (line) => process.stdout.write(`${line}\n`));

/** Lambda takes the environment down, whatever is under way. */
function leave(error: unknown): never {
  if (!(error instanceof AdapterCrash)) process.exit(1);
  process.stderr.write(`lambda-adapter panicked: ${error.message}\n`);
  process.exit(CRASH_EXIT_CODE);
}

async function beExtension(api: ApiClient): Promise<void> {
  const identifier = await registerExtension(api).catch((error: Error) => {
    log('ERROR', 'Extension registration failed - terminating process', { error: error.message });
    leave(error);
  });
  await waitAsExtension(api, identifier);
}

async function beRuntime(api: ApiClient): Promise<void> {
  const app = new AppClient(options.app);
  const readiness = new Readiness(options, app, log);
  await readiness.atInit();
  const environment = environmentConfig(process.env);
  await new AdapterLoop({ options, environment, api, app, readiness, log }).run();
}

function readOptions(): ReturnType<typeof adapterOptions> {
  try {
    return adapterOptions(process.env, log);
  } catch (error) {
    process.stderr.write(`Error: ${JSON.stringify((error as Error).message)}\n`);
    process.exit(1);
  }
}

const options = readOptions();
beExtension(new ApiClient(options.runtimeApi)).catch(leave);
beRuntime(new ApiClient(options.runtimeApi)).catch(leave);
