import { listen } from '@spillway/http';
import { readTemplate } from '@spillway/template';
import { AWS_LIMITS, type Body, type FunctionConfiguration, type Stack, UsageError } from '@spillway/wire';
import { deployStack } from './deploy-stack.ts';
import { FrontDoor } from './front-door.ts';
import { knownCredentials } from './known-credentials.ts';
import type { LocalOptions } from './local-options.ts';
import { serverUrl, withLocalFunctionUrls } from './local-urls.ts';
import { startServices } from './start-services.ts';
import { Started } from './started.ts';
import { takeStateDirectory } from './state/state-directory.ts';
import { verifyCall } from './verify-call.ts';

export interface Local {
  readonly port: number;
  /** `http://127.0.0.1:4566` */
  readonly url: string;
  readonly stacks: readonly Stack[];
  functions(): readonly FunctionConfiguration[];
  /** Stores an object as PutObject does. */
  putObject(object: LocalObject): Promise<void>;
  /** Gives an object to another bucket, too, under the same key, without copying its bytes. */
  copyObject(key: string, sourceBucketName: string, targetBucketName: string): Promise<void>;
  /** Ends every process and removes what is temporary. */
  close(): Promise<void>;
}

export interface LocalObject {
  readonly bucketName: string;
  readonly key: string;
  readonly body: Body;
  readonly contentType?: string;
}

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
    const credentials = knownCredentials(options);
    const door = new FrontDoor(
      options.verifySignatures === true
        ? (request, service) => verifyCall(request, service, { credentials, region })
        : undefined,
    );
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
      credentials,
      started,
    });
    for (const stack of stacks) await deployStack(withLocalFunctionUrls(stack, listener.port), services);
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
      copyObject: (key, source, target) => services.origin.copyObject(key, source, target),
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
