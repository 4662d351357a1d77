import type { Limits } from './limits.ts';

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-endpoint-types.html */
export type EndpointType = 'REGIONAL' | 'PRIVATE' | 'EDGE';

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html */
export type ResponseTransferMode = 'BUFFERED' | 'STREAM';

export type IntegrationType = 'AWS_PROXY' | 'HTTP_PROXY' | 'MOCK';

/** What a MOCK integration answers for one status. */
export interface IntegrationResponse {
  readonly statusCode: string;
  readonly selectionPattern?: string;
  /** `method.response.header.X` to a quoted literal or a mapping expression. */
  readonly responseParameters: Readonly<Record<string, string>>;
  readonly responseTemplates: Readonly<Record<string, string>>;
}

/** @see https://docs.aws.amazon.com/apigateway/latest/api/API_PutIntegration.html */
export interface Integration {
  readonly type: IntegrationType;
  /** Of the backend call. */
  readonly httpMethod?: string;
  readonly uri?: string;
  readonly responseTransferMode: ResponseTransferMode;
  /** Undefined: the default of the mode, see `Limits`. */
  readonly timeoutInMillis?: number;
  /** A role's ARN: the gateway calls with that role, so the function's policy is not asked. */
  readonly credentials?: string;
  /** Of HTTP types. */
  readonly connectionType?: 'INTERNET';
  readonly cacheNamespace?: string;
  readonly cacheKeyParameters?: readonly string[];
  /** Without effect on proxy integrations. */
  readonly contentHandling?: 'CONVERT_TO_BINARY' | 'CONVERT_TO_TEXT';
  readonly passthroughBehavior: 'WHEN_NO_MATCH' | 'WHEN_NO_TEMPLATES' | 'NEVER';
  readonly requestParameters: Readonly<Record<string, string>>;
  readonly requestTemplates: Readonly<Record<string, string>>;
  readonly integrationResponses: readonly IntegrationResponse[];
}

/** What the method answers, as far as the console and generated SDKs care: it has no effect on proxy integrations. */
export interface MethodResponse {
  readonly statusCode: string;
  /** `method.response.header.X` to whether it is required. */
  readonly responseParameters: Readonly<Record<string, boolean>>;
  /** Media type to the name of a model. */
  readonly responseModels?: Readonly<Record<string, string>>;
}

/** @see https://docs.aws.amazon.com/apigateway/latest/api/API_PutMethod.html */
export type AuthorizationType = 'NONE' | 'AWS_IAM' | 'CUSTOM';

/**
 * A Lambda authorizer.
 * @see https://docs.aws.amazon.com/apigateway/latest/api/API_CreateAuthorizer.html
 */
export interface Authorizer {
  /** Six of `[a-z0-9]`. */
  readonly id: string;
  readonly name: string;
  readonly type: 'TOKEN' | 'REQUEST';
  /** `arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{functionArn}/invocations`. */
  readonly authorizerUri: string;
  /** A role's ARN: the gateway calls with that role, so the function's policy is not asked. */
  readonly authorizerCredentials?: string;
  /** `method.request.header.Authorization`; several, comma separated, for REQUEST. */
  readonly identitySource?: string;
  /** Of TOKEN: a regular expression for the whole token. */
  readonly identityValidationExpression?: string;
  /** Seconds, 0 to 3600; 0 caches nothing. AWS's default is 300. */
  readonly authorizerResultTtlInSeconds: number;
}

/**
 * An answer of the gateway's own, as the author wants it.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
 */
export interface GatewayResponse {
  /** `ACCESS_DENIED`, `DEFAULT_4XX`, ... */
  readonly responseType: string;
  readonly statusCode?: string;
  /** `gatewayresponse.header.X` to a quoted literal or a mapping expression. */
  readonly responseParameters: Readonly<Record<string, string>>;
  /** By media type; `$context` variables are filled in. */
  readonly responseTemplates: Readonly<Record<string, string>>;
}

/**
 * A key that callers send in `x-api-key`. It belongs to the account, not to one REST API.
 * @see https://docs.aws.amazon.com/apigateway/latest/api/API_CreateApiKey.html
 */
export interface ApiKey {
  readonly id: string;
  /** 20 to 128 characters. */
  readonly value: string;
  readonly name?: string;
  readonly description?: string;
  readonly enabled: boolean;
  /** The stages that it opens. Empty: all of them, since there are no usage plans here. */
  readonly stageKeys: readonly { readonly restApiId: string; readonly stageName: string }[];
  readonly tags: Readonly<Record<string, string>>;
}

export interface Method {
  /** `GET`, ..., or `ANY`. */
  readonly httpMethod: string;
  readonly authorizationType: AuthorizationType;
  /** Of the REST API's `authorizers`; with CUSTOM only. */
  readonly authorizerId?: string;
  readonly apiKeyRequired?: boolean;
  readonly operationName?: string;
  readonly methodResponses?: readonly MethodResponse[];
  readonly requestParameters: Readonly<Record<string, boolean>>;
  /** Media type to the name of a model. */
  readonly requestModels?: Readonly<Record<string, string>>;
  readonly integration?: Integration;
}

export interface Resource {
  readonly id: string;
  readonly parentId?: string;
  readonly pathPart?: string;
  /** `/download/{key+}`; the root is `/`. */
  readonly path: string;
  /** By HTTP method, `ANY` included. */
  readonly methods: Readonly<Record<string, Method>>;
}

/** A REST API as it is being edited; what serves requests is a deployment's copy of it. */
export interface RestApi {
  /** Ten of `[a-z0-9]`. */
  readonly id: string;
  readonly name: string;
  readonly endpointType: EndpointType;
  /** Undefined: what AWS gives the endpoint type, dualstack if PRIVATE, else ipv4. */
  readonly ipAddressType?: 'ipv4' | 'dualstack';
  /** `image/png`, `application/*`, or `*` for all. */
  readonly binaryMediaTypes: readonly string[];
  readonly disableExecuteApiEndpoint: boolean;
  readonly description?: string;
  readonly version?: string;
  /** Where the key of a method with `apiKeyRequired` comes from. Undefined is HEADER. */
  readonly apiKeySource?: 'HEADER' | 'AUTHORIZER';
  readonly tags?: Readonly<Record<string, string>>;
  readonly authorizers?: readonly Authorizer[];
  readonly gatewayResponses?: readonly GatewayResponse[];
  readonly resources: readonly Resource[];
}

/** @see https://docs.aws.amazon.com/apigateway/latest/api/API_CreateStage.html */
export interface StageConfiguration {
  readonly stageName: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly accessLogSettings?: { readonly destinationArn: string; readonly format: string };
  readonly description?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** Execution log; undefined is OFF, as on AWS. The setting of all methods (`*\/*`). */
  readonly loggingLevel?: 'ERROR' | 'INFO';
  /** What single methods have otherwise: by `{resource path without its first slash, / as ~1}/{HTTP method}`, as GetStage names them. */
  readonly methodSettings?: Readonly<Record<string, MethodSetting>>;
}

/** @see https://docs.aws.amazon.com/apigateway/latest/api/API_MethodSetting.html */
export interface MethodSetting {
  readonly loggingLevel?: 'OFF' | 'ERROR' | 'INFO';
  readonly dataTraceEnabled?: boolean;
  readonly metricsEnabled?: boolean;
}

/** What an OpenAPI document says of a REST API; what it says nothing of is undefined or empty. Ids in it are made up. */
export interface OpenApiRestApi
  extends Partial<
    Pick<RestApi, 'name' | 'description' | 'version' | 'endpointType' | 'disableExecuteApiEndpoint' | 'apiKeySource'>
  > {
  readonly binaryMediaTypes: readonly string[];
  readonly authorizers: readonly Authorizer[];
  readonly gatewayResponses: readonly GatewayResponse[];
  readonly resources: readonly Resource[];
  /** What the document holds but the import leaves out. */
  readonly warnings: readonly string[];
}

/**
 * Reads an OpenAPI 2 or 3 document, JSON or YAML, as ImportRestApi takes it.
 * @throws AwsError `BadRequestException` for what API Gateway refuses or is not served here.
 */
export type ReadOpenApi = (text: string, options: ReadOpenApiOptions) => OpenApiRestApi;

export interface ReadOpenApiOptions {
  readonly region: string;
  readonly limits: Limits;
  /** What becomes of the path in `servers` or `basePath`. @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api-basePath.html */
  readonly basePath: 'ignore' | 'prepend' | 'split';
}
