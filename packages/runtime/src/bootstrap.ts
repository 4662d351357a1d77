// Node.js inside an execution environment: what Lambda starts, in the function's own process, for the runtimes nodejs18.x to 22.x.
//
// Same as AWS: the calls to the Runtime API, their order, headers, bodies and trailers; handlers and their modules; the context; the
// log lines; exit codes. How we know: one suite runs against this file and against AWS's aws-lambda-ric 3.3.0
// (tests/conformance/runtime-client).
// On purpose: calls go through node:http, where AWS's native client holds up all of Node.js until its post was answered; the process
// ends without a word when the Runtime API is gone.
// Missing: the X-Ray cause header, the log channel of _LAMBDA_TELEMETRY_LOG_FD, SnapStart, several invocations at a time.
import { provideAwsSdk } from './aws-sdk.ts';
import { installAwslambda } from './awslambda.ts';
import { FatalErrors } from './fatal-errors.ts';
import { patchConsole } from './log-patch.ts';
import { RuntimeApiClient } from './runtime-api-client.ts';
import { loadHandler } from './user-function.ts';

const address = process.env['AWS_LAMBDA_RUNTIME_API'];
const handlerString = process.env['_HANDLER'];
if (address === undefined || handlerString === undefined) {
  throw new Error(
    'AWS_LAMBDA_RUNTIME_API and _HANDLER are not set: this file is started by an execution environment of Lambda.',
  );
}

patchConsole();
const fatalErrors = new FatalErrors((error) => new RuntimeApiClient(address).postInitError(error));
fatalErrors.watch();
provideAwsSdk(process.cwd());
installAwslambda();
const handler = await loadHandler(process.cwd(), handlerString);
const client = new RuntimeApiClient(address, handler.streaming?.highWaterMark);
// Asked for first, so that what only an invocation needs is loaded while the event is on its way.
const asked = client.nextInvocation();
const { InvocationLoop } = await import('./invocation-loop.ts');
new InvocationLoop(client, handler, fatalErrors).handle(asked);
