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
  readonly passthroughBehavior: 'WHEN_NO_MATCH' | 'WHEN_NO_TEMPLATES' | 'NEVER';
  readonly requestParameters: Readonly<Record<string, string>>;
  readonly requestTemplates: Readonly<Record<string, string>>;
  readonly integrationResponses: readonly IntegrationResponse[];
}

export interface Method {
  /** `GET`, ..., or `ANY`. */
  readonly httpMethod: string;
  readonly authorizationType: 'NONE';
  readonly requestParameters: Readonly<Record<string, boolean>>;
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
  /** `image/png`, `application/*`, or `*` for all. */
  readonly binaryMediaTypes: readonly string[];
  readonly disableExecuteApiEndpoint: boolean;
  readonly resources: readonly Resource[];
}

/** @see https://docs.aws.amazon.com/apigateway/latest/api/API_CreateStage.html */
export interface StageConfiguration {
  readonly stageName: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly accessLogSettings?: { readonly destinationArn: string; readonly format: string };
  /** Execution log; undefined is OFF, as on AWS. */
  readonly loggingLevel?: 'ERROR' | 'INFO';
}
