import {
  type ApiKey,
  type EndpointType,
  type Limits,
  MemoryState,
  type RestApi,
  type StageConfiguration,
  type StateStore,
  type StateTable,
} from '@spillway/wire';
import { assertDeployable, type Deployment, deploymentOf } from './deployment.ts';
import {
  ACCOUNT_KEY,
  type AccountDocument,
  type ApiKeyDocument,
  apiKeyKey,
  type DeploymentDocument,
  type Document,
  deploymentKey,
  documentKey,
  type RestApiDocument,
  restApiKey,
  type StageDocument,
  stageKey,
} from './documents.ts';
import { stableDeploymentId } from './identifiers.ts';
import { methodSettingsOf, stageConfiguration } from './method-settings.ts';
import { at, badRequest } from './refusal.ts';
import { assertStage, type Stage, stageOf } from './stage.ts';
import { assertSupported } from './supported.ts';

export interface RestApiStoreOptions {
  readonly limits: Limits;
  /** Default: nothing is kept. */
  readonly state?: StateStore;
}

/** A document to put, or the key of one to delete. */
export type Change = Document | { readonly kind: 'deleted'; readonly key: string };

/**
 * The REST APIs of one Region, their deployments and stages, and the API keys. The model in memory is what operations read; the state is
 * written before it. What a template makes is in memory only.
 */
export class RestApiStore {
  readonly limits: Limits;
  readonly #table: StateTable<Document>;
  readonly #documents = new Map<string, Document>();
  /** Ready to serve, by the document's key. */
  readonly #deployments = new Map<string, Deployment>();
  readonly #stages = new Map<string, Stage>();
  /** By value. */
  readonly #apiKeys = new Map<string, ApiKey>();
  #templateDeployments = 0;

  constructor({ limits, state = new MemoryState() }: RestApiStoreOptions) {
    this.limits = limits;
    this.#table = state.table<Document>('apigateway');
    const documents = [...this.#table.entries()].map(([, document]) => document);
    // A stage needs its deployment, whose key comes before.
    for (const document of documents) this.#apply(document);
  }

  /** Creates or replaces one that a template has; what is deployed stays as it is. @throws AwsError for what is not served here. */
  put(restApi: RestApi): void {
    assertSupported(restApi, this.limits);
    const createdAtMs = this.restApi(restApi.id)?.createdAtMs ?? Date.now();
    this.#apply({ kind: 'restApi', restApi: structuredClone(restApi), createdAtMs, isOfStack: true });
  }

  /** Takes a snapshot and lets the stage point to it. @throws AwsError for an unknown API, or one that can't be deployed. */
  deploy(restApiId: string, configuration: StageConfiguration): string {
    const document = this.restApi(restApiId);
    if (document === undefined) {
      throw badRequest(`Invalid API identifier specified: ${restApiId}`, 'Put the REST API before it is deployed.');
    }
    const { restApi } = document;
    at(`REST API ${restApiId} (${restApi.name})`, () => assertDeployable(restApi));
    at(`Stage ${configuration.stageName}`, () => assertStage(configuration));
    this.#templateDeployments += 1;
    const id = stableDeploymentId(restApiId, this.#templateDeployments);
    const nowMs = Date.now();
    const { loggingLevel: _, methodSettings: __, ...ownSettings } = configuration;
    this.#apply({ kind: 'deployment', restApiId, id, createdAtMs: nowMs, restApi });
    this.#apply({
      kind: 'stage',
      restApiId,
      deploymentId: id,
      createdAtMs: nowMs,
      lastUpdatedAtMs: nowMs,
      configuration: ownSettings,
      methodSettings: methodSettingsOf(configuration),
    });
    return id;
  }

  /** Puts one that a template has. */
  putApiKey(apiKey: ApiKey): void {
    const nowMs = Date.now();
    this.#apply({ kind: 'apiKey', apiKey, createdAtMs: nowMs, lastUpdatedAtMs: nowMs, isOfStack: true });
  }

  /** What serves requests. */
  stage(restApiId: string, stageName: string): Stage | undefined {
    return this.#stages.get(stageKey(restApiId, stageName));
  }

  /** Not part of what is deployed: a change of it counts at once. */
  endpointType(id: string): EndpointType | undefined {
    return this.restApi(id)?.restApi.endpointType;
  }

  /** The key that has this value. */
  apiKeyByValue(value: string): ApiKey | undefined {
    return this.#apiKeys.get(value);
  }

  restApi(id: string): RestApiDocument | undefined {
    return this.#find(restApiKey(id), 'restApi');
  }

  /** In the order of their ids. */
  restApis(): RestApiDocument[] {
    return this.#all('restApi', 'restapis/');
  }

  deployment(restApiId: string, id: string): DeploymentDocument | undefined {
    return this.#find(deploymentKey(restApiId, id), 'deployment');
  }

  deployments(restApiId: string): DeploymentDocument[] {
    return this.#all('deployment', deploymentKey(restApiId, ''));
  }

  stageDocument(restApiId: string, stageName: string): StageDocument | undefined {
    return this.#find(stageKey(restApiId, stageName), 'stage');
  }

  stageDocuments(restApiId: string): StageDocument[] {
    return this.#all('stage', stageKey(restApiId, ''));
  }

  apiKey(id: string): ApiKeyDocument | undefined {
    return this.#find(apiKeyKey(id), 'apiKey');
  }

  apiKeys(): ApiKeyDocument[] {
    return this.#all('apiKey', apiKeyKey(''));
  }

  account(): AccountDocument {
    return this.#find(ACCOUNT_KEY, 'account') ?? { kind: 'account' };
  }

  /** All changes or none, in state and memory. @throws Error when the state can't be written. */
  async write(changes: readonly Change[]): Promise<void> {
    const kept = changes.filter((change) => this.#isKept(change));
    if (kept.length > 0) {
      await this.#table.write(
        kept.map((change) =>
          change.kind === 'deleted'
            ? { key: change.key, value: undefined }
            : { key: documentKey(change), value: change },
        ),
      );
    }
    for (const change of changes) this.#apply(change);
  }

  /** With its deployments and stages. */
  async deleteRestApi(id: string): Promise<void> {
    const key = restApiKey(id);
    const keys = [...this.#documents.keys()].filter((other) => other === key || other.startsWith(`${key}/`));
    await this.write(keys.map((gone) => ({ kind: 'deleted', key: gone })));
  }

  #isKept(change: Change): boolean {
    if (change.kind === 'account') return true;
    const key = change.kind === 'deleted' ? change.key : documentKey(change);
    const owner = this.#documents.get(/^[^/]+\/[^/]+/.exec(key)?.[0] ?? '');
    return !(owner !== undefined && 'isOfStack' in owner && owner.isOfStack === true);
  }

  #apply(change: Change): void {
    const key = change.kind === 'deleted' ? change.key : documentKey(change);
    const old = this.#documents.get(key);
    if (old?.kind === 'apiKey') this.#apiKeys.delete(old.apiKey.value);
    if (change.kind === 'deleted') {
      for (const map of [this.#documents, this.#deployments, this.#stages]) map.delete(key);
      return;
    }
    this.#documents.set(key, change);
    if (change.kind === 'deployment') this.#deployments.set(key, deploymentOf(change.id, change.restApi));
    if (change.kind === 'stage') this.#serve(key, change);
    if (change.kind === 'apiKey') this.#apiKeys.set(change.apiKey.value, change.apiKey);
  }

  #serve(key: string, document: StageDocument): void {
    const deployment = this.#deployments.get(deploymentKey(document.restApiId, document.deploymentId));
    if (deployment !== undefined) this.#stages.set(key, stageOf(stageConfiguration(document), deployment));
  }

  #find<Kind extends Document['kind']>(key: string, kind: Kind): Extract<Document, { kind: Kind }> | undefined {
    const document = this.#documents.get(key);
    return document?.kind === kind ? (document as Extract<Document, { kind: Kind }>) : undefined;
  }

  #all<Kind extends Document['kind']>(kind: Kind, prefix: string): Extract<Document, { kind: Kind }>[] {
    return [...this.#documents.entries()]
      .filter(([key, document]) => document.kind === kind && key.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, document]) => document as Extract<Document, { kind: Kind }>);
  }
}
