import { ACCOUNT_ID, AwsError, parseWebAdapterLayerArn, type StateStore, type StateTable, Turns } from '@spillway/wire';
import type { AttachedLayer, StoredCode } from './function-document.ts';

export interface LayerVersionDocument {
  readonly version: number;
  readonly description?: string;
  /** `2025-11-24T23:13:27.000+0000` */
  readonly createdDate: string;
  readonly code: StoredCode;
  readonly compatibleRuntimes?: readonly string[];
  readonly compatibleArchitectures?: readonly string[];
  readonly licenseInfo?: string;
}

interface LayerDocument {
  readonly name: string;
  /** Numbers are not given out twice. */
  readonly nextVersion: number;
  readonly versions: readonly LayerVersionDocument[];
}

export interface LayerReference {
  readonly name: string;
  readonly version: number;
}

/** The layers of one account and Region, by name. */
export class LayerVersions {
  readonly #region: string;
  readonly #table: StateTable<LayerDocument>;
  readonly #layers = new Map<string, LayerDocument>();
  readonly #turns = new Turns();

  constructor(region: string, state: StateStore) {
    this.#region = region;
    this.#table = state.table('lambda-layers');
    for (const [name, document] of this.#table.entries()) this.#layers.set(name, document);
  }

  layerArn(name: string): string {
    return `arn:aws:lambda:${this.#region}:${ACCOUNT_ID}:layer:${name}`;
  }

  publish(name: string, content: Omit<LayerVersionDocument, 'version'>): Promise<LayerVersionDocument> {
    return this.#turns.run(async () => {
      const { nextVersion, versions } = this.#layers.get(name) ?? { nextVersion: 1, versions: [] };
      const published = { ...content, version: nextVersion };
      await this.#write({ name, nextVersion: nextVersion + 1, versions: [...versions, published] });
      return published;
    });
  }

  /** A version that is not there is deleted well. Functions that have it keep it. */
  delete({ name, version }: LayerReference): Promise<void> {
    return this.#turns.run(async () => {
      const layer = this.#layers.get(name);
      if (layer === undefined) return;
      await this.#write({ ...layer, versions: layer.versions.filter((each) => each.version !== version) });
    });
  }

  find({ name, version }: LayerReference): LayerVersionDocument | undefined {
    return this.#layers.get(name)?.versions.find((each) => each.version === version);
  }

  /** The newest first. None of a layer that does not exist. */
  versions(name: string): readonly LayerVersionDocument[] {
    return [...(this.#layers.get(name)?.versions ?? [])].reverse();
  }

  /** Of the layers that have a version. */
  names(): readonly string[] {
    return [...this.#layers.values()].filter(({ versions }) => versions.length > 0).map(({ name }) => name);
  }

  /** The SHA-256 of every zip. */
  codes(): readonly string[] {
    return [...this.#layers.values()].flatMap(({ versions }) => versions.map(({ code }) => code.sha256));
  }

  /** What a function gets for the ARN of a layer version. @throws AwsError `InvalidParameterValueException`. */
  attach(arn: string): AttachedLayer {
    const webAdapter = parseWebAdapterLayerArn(arn);
    if (webAdapter !== undefined) return { arn, content: webAdapter };
    const found = this.find(this.parseArn(arn));
    if (found === undefined) throw invalid(`Layer version ${arn} does not exist.`);
    return { arn, content: found.code };
  }

  /** @throws AwsError `ValidationException` for what is no ARN of a layer version, `InvalidParameterValueException` for another Region or account. */
  parseArn(arn: string): LayerReference {
    const parts = LAYER_VERSION_ARN.exec(arn)?.groups;
    if (parts === undefined) throw malformedArn(arn);
    if (parts['region'] !== this.#region) {
      throw invalid(
        `Layers are not in the same region as the function. Layers are expected to be in region ${this.#region}.`,
      );
    }
    if (parts['account'] !== ACCOUNT_ID) {
      throw new AwsError('AccessDeniedException', {
        message:
          `The layer ${arn} belongs to another account. Spillway has the layers published to it (account ${ACCOUNT_ID}) and ` +
          'the public one of the Lambda Web Adapter.',
      });
    }
    return { name: parts['name'] ?? '', version: Number(parts['version']) };
  }

  async #write(document: LayerDocument): Promise<void> {
    await this.#table.write([{ key: document.name, value: document }]);
    this.#layers.set(document.name, document);
  }
}

const LAYER_VERSION_ARN =
  /^arn:[a-zA-Z0-9-]+:lambda:(?<region>[a-zA-Z0-9-]+):(?<account>\d{12}):layer:(?<name>[a-zA-Z0-9-_]+):(?<version>\d+)$/;

const PATTERN = 'arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+';

const malformedArn = (arn: string) =>
  new AwsError('ValidationException', {
    message: `1 validation error detected: Value '${arn}' at 'arn' failed to satisfy constraint: Member must satisfy regular expression pattern: ${PATTERN}`,
  });

const invalid = (message: string) => new AwsError('InvalidParameterValueException', { message });
