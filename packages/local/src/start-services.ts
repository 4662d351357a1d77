import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startGateway } from '@spillway/gateway';
import type { CredentialStore } from '@spillway/http';
import { startIam } from '@spillway/iam';
import { type AwsHostsOptions, startLambda } from '@spillway/lambda';
import { type Origin, startOrigin } from '@spillway/origin';
import { webAdapterLayer } from '@spillway/runtime/web-adapter-layer';
import { readOpenApiDocument } from '@spillway/template';
import { type Limits, MemoryState, type StateStore } from '@spillway/wire';
import type { Services } from './deploy-stack.ts';
import type { LocalOptions } from './local-options.ts';
import { serverUrl } from './local-urls.ts';
import type { Started } from './started.ts';
import { openEmbeddedState } from './state/embedded-state.ts';

/** What functions find at our port, by the names that AWS SDKs give their endpoints. No others: calls to those go where they would. */
const ENDPOINT_SERVICES = ['S3', 'CLOUDWATCH_LOGS'];
/** With credentials of this server alone AWS would refuse all calls. With the user's own they are meant for AWS: roles are assumed there. */
const OWN_CREDENTIALS_SERVICES = [...ENDPOINT_SERVICES, 'LAMBDA', 'API_GATEWAY', 'STS', 'IAM'];

export interface Place {
  readonly region: string;
  readonly limits: Limits;
  readonly directory: string;
  readonly port: number;
  readonly credentials: CredentialStore;
  readonly started: Started;
}

/** Starts each service; `started` learns at once how it ends. */
export async function startServices(options: LocalOptions, place: Place): Promise<Services> {
  const { region, limits, credentials, started } = place;
  const { report = () => {}, verifySignatures = false } = options;
  const state = await openState(options, place);
  const [originDirectory, lambdaDirectory] = await Promise.all([
    makeDirectory(place.directory, 'origin'),
    makeDirectory(place.directory, 'lambda'),
  ]);
  const origin = await startOrigin({ directory: originDirectory, region, credentials, verifySignatures, report });
  started.push(() => origin.close());
  const lambda = await startLambda({
    region,
    limits,
    directory: lambdaDirectory,
    bootstrapPath: fileURLToPath(import.meta.resolve('@spillway/runtime/bootstrap')),
    pythonBootstrapPath: fileURLToPath(import.meta.resolve('@spillway/runtime/python-bootstrap')),
    endpointUrl: serverUrl(place.port),
    endpointServices: options.hostCredentials === undefined ? OWN_CREDENTIALS_SERVICES : ENDPOINT_SERVICES,
    credentials,
    ignoredPaths: [place.directory],
    state,
    readObject: (bucketName, key) => origin.readObject(bucketName, key),
    report,
    webAdapterLayer: options.webAdapterLayer ?? (await webAdapterLayer(join(lambdaDirectory, 'web-adapter'))),
    ...(options.awsHosts !== 'off' && { awsHosts: awsHosts(origin) }),
    ...passedOn(options),
  });
  started.push(() => lambda.close());
  const gateway = await startGateway({
    invoker: lambda.invoker,
    logs: lambda.logs,
    limits,
    region,
    credentials,
    state,
    readOpenApi: readOpenApiDocument,
    report,
  });
  started.push(() => gateway.close());
  const iam = await startIam({ credentials, state });
  started.push(() => iam.close());
  return { origin, lambda, gateway, iam };
}

/** Ended after the services that write to it. */
async function openState({ stateDirectory }: LocalOptions, { directory, started }: Place): Promise<StateStore> {
  if (stateDirectory === undefined) return new MemoryState();
  const state = await openEmbeddedState(directory);
  started.push(() => state.close());
  return state;
}

const awsHosts = (origin: Origin): AwsHostsOptions => ({
  hasBucket: (bucketName) => origin.hasBucket(bucketName),
  handle: (request, response) => origin.handle(request, response),
  nodeHookPath: fileURLToPath(import.meta.resolve('@spillway/runtime/aws-hosts')),
});

const PASSED_ON = ['inspect', 'hostCredentials', 'lwaFailedStream', 'interpreters', 'sandbox'] as const;

/** Options that are Lambda's own. */
function passedOn(options: LocalOptions): Pick<LocalOptions, (typeof PASSED_ON)[number]> {
  return Object.fromEntries(
    PASSED_ON.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
  );
}

async function makeDirectory(...parts: readonly string[]): Promise<string> {
  const path = join(...parts);
  await mkdir(path, { recursive: true });
  return path;
}
