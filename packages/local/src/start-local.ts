import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startGateway } from '@spillway/gateway';
import { CredentialStore, type Credentials, listen } from '@spillway/http';
import { startLambda } from '@spillway/lambda';
import { startOrigin } from '@spillway/origin';
import { readTemplate } from '@spillway/template';
import { AWS_LIMITS, type Body, type FunctionConfiguration, type Limits, type Stack, UsageError } from '@spillway/wire';
import { deployStack, type Services } from './deploy-stack.ts';
import { FrontDoor } from './front-door.ts';
import { serverUrl } from './local-urls.ts';
import { takeStateDirectory } from './state-directory.ts';

export interface LocalOptions {
  /** SAM or CloudFormation templates, each a stack of its own. */
  readonly templates: readonly string[];
  /** 0 for any free one. Default 4566. */
  readonly port?: number;
  /** Default `us-east-1`. */
  readonly region?: string;
  readonly limits?: Limits;
  /** Buckets and logs are kept here. Default: a temporary directory, removed at the end. */
  readonly stateDirectory?: string;
  /** Known besides `test`/`test`. */
  readonly credentials?: readonly Credentials[];
  /** Function name or logical ID to the debugger's port, 0 for any. */
  readonly inspect?: ReadonlyMap<string, number>;
  /** The user's own credentials as environment variables, for functions that call AWS itself. */
  readonly hostCredentials?: Readonly<Record<string, string>>;
  readonly ignoreUnsupported?: boolean;
  /** Takes one line for the person at the terminal: a failed request, a debugger's address. */
  readonly report?: (line: string) => void;
}

export interface Local {
  readonly port: number;
  /** `http://127.0.0.1:4566` */
  readonly url: string;
  readonly stacks: readonly Stack[];
  functions(): readonly FunctionConfiguration[];
  /** Stores an object as PutObject does. */
  putObject(object: LocalObject): Promise<void>;
  /** Ends every process and removes what is temporary. */
  close(): Promise<void>;
}

export interface LocalObject {
  readonly bucketName: string;
  readonly key: string;
  readonly body: Body;
  readonly contentType?: string;
}

/** What functions find at our port, by the names that AWS SDKs give their endpoints. No others: calls to those go where they would. */
const ENDPOINT_SERVICES = ['S3', 'CLOUDWATCH_LOGS'] as const;

/**
 * Starts S3, Lambda and API Gateway on one port of this machine's loopback and deploys the templates.
 * @throws UsageError for a template that can't be deployed, a port or a state directory in use; nothing stays behind then.
 */
export async function startLocal(options: LocalOptions): Promise<Local> {
  const { region = 'us-east-1', limits = AWS_LIMITS, ignoreUnsupported = false } = options;
  const stacks = await Promise.all(
    options.templates.map((file) => readTemplate({ file, region, limits, ignoreUnsupported })),
  );
  assertKnown(options.inspect, stacks);
  const started = new Started();
  try {
    const directory = await takeStateDirectory(options.stateDirectory);
    started.push(directory.release);
    const door = new FrontDoor();
    const listener = await listen({
      port: options.port ?? 4566,
      handle: (request, response) => door.handle(request, response),
    });
    started.push(listener.close);
    const services = await startServices(options, {
      region,
      limits,
      directory: directory.path,
      port: listener.port,
      started,
    });
    for (const stack of stacks) await deployStack(stack, services);
    door.open(services);
    // First of all at the end, so that nothing comes to a service that is ending, or holds it by a connection of its own.
    started.push(async () => {
      door.shut();
      await listener.close();
    });
    return {
      port: listener.port,
      url: serverUrl(listener.port),
      stacks,
      functions: () => services.lambda.functions(),
      putObject: (object) => services.origin.putObject(object),
      close: () => started.close(),
    };
  } catch (error) {
    await started.close();
    throw error;
  }
}

/** @throws UsageError naming a function to be inspected that no template has. */
function assertKnown(inspect: LocalOptions['inspect'], stacks: readonly Stack[]): void {
  const functions = stacks.flatMap((stack) => stack.functions);
  const names = functions.flatMap(({ functionName, logicalId = functionName }) => [functionName, logicalId]);
  const unknown = [...(inspect?.keys() ?? [])].find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const known = functions.map(({ functionName, logicalId }) => logicalId ?? functionName).join(', ');
  throw new UsageError(
    `--inspect: there is no function ${JSON.stringify(unknown)} in the templates. Functions: ${known || 'none'}.`,
  );
}

/** What was started, to be ended in the reverse order: all of it, also when one end fails. */
class Started {
  readonly #ends: (() => Promise<void>)[] = [];

  push(end: () => Promise<void>): void {
    this.#ends.push(end);
  }

  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const end of this.#ends.splice(0).reverse()) await end().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }
}

interface Place {
  readonly region: string;
  readonly limits: Limits;
  readonly directory: string;
  readonly port: number;
  readonly started: Started;
}

async function startServices(options: LocalOptions, place: Place): Promise<Services> {
  const { region, limits, started } = place;
  const { report = () => {}, inspect, hostCredentials } = options;
  const credentials = knownCredentials(options);
  const [originDirectory, lambdaDirectory] = await Promise.all([
    makeDirectory(place.directory, 'origin'),
    makeDirectory(place.directory, 'lambda'),
  ]);
  const origin = await startOrigin({ directory: originDirectory, region, credentials, report });
  started.push(() => origin.close());
  const lambda = await startLambda({
    region,
    limits,
    directory: lambdaDirectory,
    bootstrapPath: fileURLToPath(import.meta.resolve('@spillway/runtime/bootstrap')),
    endpointUrl: serverUrl(place.port),
    endpointServices: ENDPOINT_SERVICES,
    credentials,
    ignoredPaths: [place.directory],
    report,
    ...(inspect === undefined ? {} : { inspect }),
    ...(hostCredentials === undefined ? {} : { hostCredentials }),
  });
  started.push(() => lambda.close());
  const gateway = await startGateway({ invoker: lambda.invoker, logs: lambda.logs, limits, region, report });
  started.push(() => gateway.close());
  return { origin, lambda, gateway };
}

function knownCredentials({ credentials = [], hostCredentials = {} }: LocalOptions): CredentialStore {
  const store = new CredentialStore();
  store.add({ accessKeyId: 'test', secretAccessKey: 'test' });
  for (const known of credentials) store.add(known);
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = hostCredentials;
  const { AWS_SESSION_TOKEN: sessionToken } = hostCredentials;
  if (accessKeyId !== undefined && secretAccessKey !== undefined) {
    store.add({ accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) });
  }
  return store;
}

async function makeDirectory(...parts: readonly string[]): Promise<string> {
  const path = join(...parts);
  await mkdir(path, { recursive: true });
  return path;
}
