import type {
  ApiKey,
  DirectoryLayer,
  FunctionConfiguration,
  FunctionPermission,
  FunctionUrlConfiguration,
  Limits,
  PublicAccessBlockConfiguration,
} from '@spillway/wire';
import type { Scope } from './intrinsic-functions.ts';
import type { Problems } from './problems.ts';
import { Properties } from './properties.ts';
import type { RestApiDraft } from './rest-api-draft.ts';
import type { Position } from './template-node.ts';
import type { TemplateResource } from './template-resource.ts';

/** What every resource reader needs. */
export interface ReadContext {
  /** As the user gave it. */
  readonly file: string;
  /** Absolute; relative paths in the template start here. */
  readonly directory: string;
  readonly region: string;
  readonly stackName: string;
  readonly limits: Limits;
  readonly scope: Scope;
  readonly problems: Problems;
}

export interface FunctionDraft {
  readonly at: Position;
  readonly configuration: FunctionConfiguration;
  /** Of `Layers`, `Environment` and `Handler`, or of the function when it has none. */
  readonly layersAt: Position;
  readonly environmentAt: Position;
  readonly handlerAt: Position;
  /** Of `Timeout`, or of the function when it has none. */
  readonly timeoutAt: Position;
}

interface BucketDraft {
  readonly at: Position;
  readonly logicalId: string;
  readonly bucketName: string;
  readonly publicAccessBlock: PublicAccessBlockConfiguration;
  policy?: string;
}

/** The stack as it grows, resource by resource. */
export interface StackDraft {
  /** By the ARN that `Ref` gives. */
  readonly layers: Map<string, DirectoryLayer>;
  readonly functions: FunctionDraft[];
  readonly permissions: FunctionPermission[];
  readonly functionUrls: FunctionUrlConfiguration[];
  readonly apiKeys: ApiKey[];
  readonly restApis: RestApiDraft[];
  readonly buckets: BucketDraft[];
}

export const propertiesOf = (resource: TemplateResource, { scope }: ReadContext): Properties =>
  new Properties(resource.logicalId, resource.at, resource.properties, scope);
