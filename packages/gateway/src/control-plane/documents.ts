import type { ApiKey, MethodSetting, RestApi, StageConfiguration } from '@spillway/wire';

/** A REST API as it is being edited. */
export interface RestApiDocument {
  readonly kind: 'restApi';
  readonly restApi: RestApi;
  readonly createdAtMs: number;
  /** A template makes it anew at each start: neither it nor what belongs to it is kept. */
  readonly isOfStack?: boolean;
}

/** A snapshot of a REST API. */
export interface DeploymentDocument {
  readonly kind: 'deployment';
  readonly restApiId: string;
  readonly id: string;
  readonly description?: string;
  readonly createdAtMs: number;
  readonly restApi: RestApi;
}

/** All of a method setting that GetStage shows; what concerns caches and throttling is as AWS fills it in, and has no effect. */
export interface FullMethodSetting extends MethodSetting {
  readonly metricsEnabled: boolean;
  readonly dataTraceEnabled: boolean;
  readonly throttlingBurstLimit: number;
  readonly throttlingRateLimit: number;
  readonly cachingEnabled: boolean;
  readonly cacheTtlInSeconds: number;
  readonly cacheDataEncrypted: boolean;
  readonly requireAuthorizationForCacheControl: boolean;
  readonly unauthorizedCacheControlHeaderStrategy: string;
}

export interface StageDocument {
  readonly kind: 'stage';
  readonly restApiId: string;
  readonly deploymentId: string;
  readonly createdAtMs: number;
  readonly lastUpdatedAtMs: number;
  /** Without logging: that is in `methodSettings`. */
  readonly configuration: Omit<StageConfiguration, 'loggingLevel' | 'methodSettings'>;
  /** By `{resource path}/{HTTP method}` as GetStage names them; those of all methods are under `*\/*`. */
  readonly methodSettings: Readonly<Record<string, FullMethodSetting>>;
}

export interface ApiKeyDocument {
  readonly kind: 'apiKey';
  readonly apiKey: ApiKey;
  readonly customerId?: string;
  readonly createdAtMs: number;
  readonly lastUpdatedAtMs: number;
  readonly isOfStack?: boolean;
}

export interface AccountDocument {
  readonly kind: 'account';
  readonly cloudwatchRoleArn?: string;
}

/** Plain data: what is kept in the state. */
export type Document = RestApiDocument | DeploymentDocument | StageDocument | ApiKeyDocument | AccountDocument;

export const restApiKey = (restApiId: string): string => `restapis/${restApiId}`;
export const deploymentKey = (restApiId: string, id: string): string => `${restApiKey(restApiId)}/deployments/${id}`;
export const stageKey = (restApiId: string, stageName: string): string =>
  `${restApiKey(restApiId)}/stages/${stageName}`;
export const apiKeyKey = (id: string): string => `apikeys/${id}`;
export const ACCOUNT_KEY = 'account';

/** The document's key in table and memory: its path in the API. */
export function documentKey(document: Document): string {
  switch (document.kind) {
    case 'restApi':
      return restApiKey(document.restApi.id);
    case 'deployment':
      return deploymentKey(document.restApiId, document.id);
    case 'stage':
      return stageKey(document.restApiId, document.configuration.stageName);
    case 'apiKey':
      return apiKeyKey(document.apiKey.id);
    case 'account':
      return ACCOUNT_KEY;
  }
}
