import type { Layer } from './layer.ts';

export type Architecture = 'x86_64' | 'arm64';

/** Where a function's code is. `path` is absolute. */
export type FunctionCode =
  | { readonly kind: 'directory'; readonly path: string }
  | {
      readonly kind: 'zip';
      readonly path: string;
      /** Its content is what it was: nobody has to watch it. */
      readonly isImmutable?: true;
    }
  /** CloudFormation's `ZipFile`, SAM's `InlineCode`: the text of the one file `index.js` or `index.py`. */
  | { readonly kind: 'inline'; readonly source: string };

/**
 * A Lambda function as CreateFunction takes it, with defaults filled in.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
 */
export interface FunctionConfiguration {
  readonly functionName: string;
  /** The number of a published version; undefined is $LATEST. */
  readonly version?: string;
  /** Its name in the template, for `spillway logs`. */
  readonly logicalId?: string;
  /** `nodejs22.x` and so on. */
  readonly runtime: string;
  readonly handler: string;
  readonly code: FunctionCode;
  readonly architecture: Architecture;
  readonly timeoutSeconds: number;
  readonly memorySizeMb: number;
  readonly environment: Readonly<Record<string, string>>;
  /** In the order in which they are merged under /opt: of two files with one name, the later stays. Up to five. */
  readonly layers: readonly Layer[];
  readonly role?: string;
  readonly description?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** Undefined: no reservation; 0: every invocation is throttled. */
  readonly reservedConcurrentExecutions?: number;
  readonly logFormat: 'Text' | 'JSON';
  readonly applicationLogLevel?: string;
  /** Default `/aws/lambda/{functionName}`. */
  readonly logGroup?: string;
}

/**
 * A statement of a function's resource policy, as AddPermission takes it.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
 */
export interface FunctionPermission {
  /** Name or ARN. */
  readonly functionName: string;
  readonly statementId: string;
  /** `lambda:InvokeFunction`, `lambda:*`. */
  readonly action: string;
  /** A service (`apigateway.amazonaws.com`), an account, or `*`. */
  readonly principal: string;
  /** An ARN with `*` and `?` as ArnLike knows them. */
  readonly sourceArn?: string;
  readonly sourceAccount?: string;
  /** The version or alias whose policy it is; undefined is the function's own. */
  readonly qualifier?: string;
  /** Condition `lambda:FunctionUrlAuthType`. */
  readonly functionUrlAuthType?: FunctionUrlAuthType;
  /** Condition `lambda:InvokedViaFunctionUrl`. */
  readonly invokedViaFunctionUrl?: boolean;
}

export type FunctionUrlAuthType = 'NONE' | 'AWS_IAM';

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_Cors.html */
export interface FunctionUrlCors {
  readonly allowCredentials?: boolean;
  readonly allowHeaders?: readonly string[];
  readonly allowMethods?: readonly string[];
  readonly allowOrigins?: readonly string[];
  readonly exposeHeaders?: readonly string[];
  /** Seconds, 0 to 86,400. */
  readonly maxAge?: number;
}

/**
 * A function's own HTTPS endpoint.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunctionUrlConfig.html
 */
export interface FunctionUrlConfiguration {
  readonly functionName: string;
  /** An alias; undefined is $LATEST. */
  readonly qualifier?: string;
  readonly authType: FunctionUrlAuthType;
  readonly invokeMode: 'BUFFERED' | 'RESPONSE_STREAM';
  readonly cors?: FunctionUrlCors;
}
