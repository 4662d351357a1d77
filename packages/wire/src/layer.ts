import type { Architecture } from './function-configuration.ts';

/**
 * What a function finds in /opt. `path` is absolute.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html
 */
export type Layer = DirectoryLayer | WebAdapterLayer;

export interface DirectoryLayer {
  readonly kind: 'directory' | 'zip';
  readonly path: string;
  /** For messages. */
  readonly name: string;
  /** Its content is what it was: nobody has to watch it. */
  readonly isImmutable?: true;
  /** Undefined: the template does not say. */
  readonly compatibleArchitectures?: readonly Architecture[];
}

/** AWS's public layer of the Lambda Web Adapter, in any Region and version. */
export interface WebAdapterLayer {
  readonly kind: 'web-adapter';
  readonly arn: string;
  readonly architecture: Architecture;
}

/** The accounts that publish the layer: everywhere, cn-north-1, cn-northwest-1. */
const WEB_ADAPTER_ARN =
  /^arn:aws(?:-[a-z-]+)?:lambda:[a-z0-9-]+:(?:753240598075|041581134020|069767869989):layer:LambdaAdapterLayer(X86|Arm64):\d+$/;

/**
 * Undefined for any other ARN.
 * @see https://aws.github.io/aws-lambda-web-adapter/getting-started/zip-packages.html
 */
export function parseWebAdapterLayerArn(arn: string): WebAdapterLayer | undefined {
  const [, name] = WEB_ADAPTER_ARN.exec(arn) ?? [];
  if (name === undefined) return undefined;
  return { kind: 'web-adapter', arn, architecture: name === 'X86' ? 'x86_64' : 'arm64' };
}
