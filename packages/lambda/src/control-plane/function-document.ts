import type { Architecture, FunctionCode, FunctionPermission, Layer } from '@spillway/wire';

// A function as the API keeps it: plain data, one document for each function.

/** A zip in the code store. */
export interface StoredCode {
  readonly kind: 'stored';
  /** Of the zip: base64, as the API shows it. */
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly unzippedBytes: number;
}

/** A layer as a function has it. Its version may have been deleted since. */
export interface AttachedLayer {
  readonly arn: string;
  /** A layer of the API's, a template's own, or the public one of the web adapter. */
  readonly content: StoredCode | Layer;
}

export interface LoggingSettings {
  readonly logFormat: 'Text' | 'JSON';
  readonly applicationLogLevel?: string;
  readonly systemLogLevel?: string;
  /** Undefined: `/aws/lambda/NAME`. */
  readonly logGroup?: string;
}

/** What CreateFunction and UpdateFunctionConfiguration set. */
export interface FunctionSettings {
  readonly runtime: string;
  readonly handler: string;
  /** A template may name none. */
  readonly role?: string;
  readonly description: string;
  readonly timeoutSeconds: number;
  readonly memorySizeMb: number;
  /** Undefined: never set, which the API shows. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly layers: readonly AttachedLayer[];
  readonly architecture: Architecture;
  readonly ephemeralStorageMb: number;
  readonly logging: LoggingSettings;
}

/** $LATEST or a published version. */
export interface VersionDocument {
  readonly version: string;
  readonly settings: FunctionSettings;
  /** A template's code is where the template says. */
  readonly code: StoredCode | FunctionCode;
  /** As the API writes it: `2025-11-24T23:13:27.000+0000`. */
  readonly lastModified: string;
  readonly revisionId: string;
}

export interface AliasDocument {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly revisionId: string;
}

export interface PolicyDocument {
  readonly revisionId: string;
  readonly statements: readonly FunctionPermission[];
}

export interface FunctionDocument {
  readonly functionName: string;
  readonly latest: VersionDocument;
  /** In the order in which they were published. */
  readonly versions: readonly VersionDocument[];
  /** Numbers are not given out twice. */
  readonly nextVersion: number;
  readonly aliases: readonly AliasDocument[];
  /** By qualifier; `$LATEST` is the function's own. */
  readonly policies: Readonly<Record<string, PolicyDocument>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly reservedConcurrentExecutions?: number;
}

export const LATEST = '$LATEST';

/** The policy of a qualifier, which may have the name of what every object has. */
export const policyOf = ({ policies }: FunctionDocument, qualifier: string): PolicyDocument | undefined =>
  Object.hasOwn(policies, qualifier) ? policies[qualifier] : undefined;

/** A time as the Lambda API writes it. */
export const apiTime = (date: Date = new Date()): string => date.toISOString().replace('Z', '+0000');

/** All zips that a document names, by their SHA-256. */
export function codeOf({ latest, versions }: FunctionDocument): readonly string[] {
  const codes = [latest, ...versions].flatMap(({ code, settings }) => [
    code,
    ...settings.layers.map(({ content }) => content),
  ]);
  return codes.flatMap((code) => (code.kind === 'stored' ? [code.sha256] : []));
}
