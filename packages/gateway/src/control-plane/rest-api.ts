import { type Limits, type RestApi, type StageConfiguration, stableId, UsageError } from '@spillway/wire';
import { deploymentOf } from './deployment.ts';
import { type Stage, stageOf } from './stage.ts';
import { assertSupported } from './supported.ts';

interface StoredRestApi {
  readonly restApi: RestApi;
  readonly stages: Map<string, Stage>;
}

/** The REST APIs of one Region, their deployments and stages. */
export class RestApiStore {
  readonly #limits: Limits;
  readonly #restApis = new Map<string, StoredRestApi>();
  #deployments = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Creates or replaces; what is deployed stays as it is. @throws UsageError for what is not served here. */
  put(restApi: RestApi): void {
    assertSupported(restApi, this.#limits);
    const stages = this.#restApis.get(restApi.id)?.stages ?? new Map<string, Stage>();
    this.#restApis.set(restApi.id, { restApi: structuredClone(restApi), stages });
  }

  /** Takes a snapshot and lets the stage point to it. @throws UsageError for an unknown API, or one that can't be deployed. */
  deploy(restApiId: string, configuration: StageConfiguration): string {
    const stored = this.#restApis.get(restApiId);
    if (stored === undefined) {
      throw new UsageError(`Invalid API identifier specified: ${restApiId}. Put the REST API before it is deployed.`);
    }
    this.#deployments += 1;
    const id = stableId(`${restApiId} ${this.#deployments}`).slice(0, 6);
    stored.stages.set(configuration.stageName, stageOf(configuration, deploymentOf(id, stored.restApi)));
    return id;
  }

  stage(restApiId: string, stageName: string): Stage | undefined {
    return this.#restApis.get(restApiId)?.stages.get(stageName);
  }
}
