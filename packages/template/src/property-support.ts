import type { PropertySupport } from './unsupported.ts';

// What Spillway makes of every property of the types that it serves.

const noIam = 'IAM is not enforced';
const noTags = 'tags have no effect here';
const noTracing = 'nothing is sent to X-Ray';
const descriptive = 'descriptive only';

/** Of `AWS::Lambda::Function` and `AWS::Serverless::Function` alike. */
const functionSupport: PropertySupport = {
  supported: [
    'Architectures',
    'Environment',
    'FunctionName',
    'Handler',
    'Layers',
    'LoggingConfig',
    'MemorySize',
    'PackageType',
    'ReservedConcurrentExecutions',
    'Role',
    'Runtime',
    'Timeout',
  ],
  notEnforced: {
    CodeSigningConfigArn: 'code signatures are not checked',
    Description: descriptive,
    EphemeralStorage: 'the size of /tmp is not limited',
    KmsKeyArn: 'nothing is encrypted',
    RecursiveLoop: 'recursive loops are not detected',
    RuntimeManagementConfig: 'functions run on what is installed here',
    SnapStart: 'every execution environment starts cold',
    Tags: noTags,
    VpcConfig: 'functions use the network of this machine',
  },
  unsupported: {
    CapacityProviderConfig: 'Lambda Managed Instances are not emulated',
    DurableConfig: 'durable functions are not emulated',
    FileSystemConfigs: 'there is no EFS here',
    ImageConfig: 'container images are not run',
    TenancyConfig: 'tenant isolation is not emulated',
  },
};

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html */
export const LAMBDA_FUNCTION: PropertySupport = {
  supported: [...functionSupport.supported, 'Code'],
  notEnforced: {
    ...functionSupport.notEnforced,
    DeadLetterConfig: 'there are no asynchronous invocations',
    TracingConfig: noTracing,
  },
  unsupported: functionSupport.unsupported,
};

/** @see https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html */
export const SERVERLESS_FUNCTION: PropertySupport = {
  supported: [...functionSupport.supported, 'CodeUri', 'Events', 'FunctionUrlConfig', 'InlineCode'],
  notEnforced: {
    ...functionSupport.notEnforced,
    AssumeRolePolicyDocument: noIam,
    DeadLetterQueue: 'there are no asynchronous invocations',
    EventInvokeConfig: 'there are no asynchronous invocations',
    PermissionsBoundary: noIam,
    Policies: noIam,
    PropagateTags: noTags,
    RolePath: noIam,
    SourceKMSKeyArn: 'nothing is encrypted',
    Tracing: noTracing,
  },
  unsupported: {
    ...functionSupport.unsupported,
    AutoPublishAlias: 'versions and aliases are not emulated',
    DeploymentPreference: 'versions and aliases are not emulated',
    ImageUri: 'container images are not run; use CodeUri',
    ProvisionedConcurrencyConfig: 'versions and aliases are not emulated',
    VersionDescription: 'versions and aliases are not emulated',
  },
};

const layerSupported = ['CompatibleArchitectures', 'CompatibleRuntimes', 'LayerName'];
const layerNotEnforced = { Description: descriptive, LicenseInfo: descriptive };

/** @see https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-layerversion.html */
export const SERVERLESS_LAYER_VERSION: PropertySupport = {
  supported: [...layerSupported, 'ContentUri'],
  notEnforced: {
    ...layerNotEnforced,
    PublishLambdaVersion: 'every start makes version 1',
    RetentionPolicy: 'every start makes version 1',
  },
  unsupported: {},
};

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-layerversion.html */
export const LAMBDA_LAYER_VERSION: PropertySupport = {
  supported: [...layerSupported, 'Content'],
  notEnforced: layerNotEnforced,
  unsupported: {},
};

/** @see https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-api.html */
export const API_EVENT: PropertySupport = {
  supported: ['Auth', 'Method', 'Path', 'RequestParameters', 'ResponseTransferMode', 'RestApiId', 'TimeoutInMillis'],
  notEnforced: {},
  unsupported: {
    RequestModel: 'request validation is not emulated',
  },
};

const noCache = 'the endpoint cache is not emulated';
const noCompression = 'the gateway does not compress';
const noCanary = 'canary releases are not emulated';

/** @see https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-api.html */
export const SERVERLESS_API: PropertySupport = {
  supported: [
    'AccessLogSetting',
    'ApiKeySourceType',
    'Auth',
    'BinaryMediaTypes',
    'Cors',
    'DefinitionBody',
    'DefinitionUri',
    'DisableExecuteApiEndpoint',
    'EndpointConfiguration',
    'GatewayResponses',
    'MethodSettings',
    'Name',
    'StageName',
    'Variables',
  ],
  notEnforced: {
    AlwaysDeploy: 'every start deploys',
    Description: descriptive,
    EndpointAccessMode: 'there is no TLS on this machine',
    FailOnWarnings: 'it concerns the import at AWS',
    Mode: 'it concerns updates at AWS',
    OpenApiVersion: 'it concerns the form of the document only',
    PropagateTags: noTags,
    SecurityPolicy: 'there is no TLS on this machine',
    Tags: noTags,
    TracingEnabled: noTracing,
  },
  unsupported: {
    CacheClusterEnabled: noCache,
    CacheClusterSize: noCache,
    CanarySetting: noCanary,
    Domain: 'custom domain names are not served',
    MergeDefinitions: 'DefinitionBody and events are not merged',
    MinimumCompressionSize: noCompression,
    Models: 'request validation is not emulated',
    Policy: 'resource policies of APIs are not emulated',
  },
};

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-restapi.html */
export const REST_API: PropertySupport = {
  supported: [
    'ApiKeySourceType',
    'BinaryMediaTypes',
    'Body',
    'DisableExecuteApiEndpoint',
    'EndpointConfiguration',
    'Name',
    'Parameters',
  ],
  notEnforced: {
    Description: descriptive,
    EndpointAccessMode: 'there is no TLS on this machine',
    FailOnWarnings: 'it concerns the import at AWS',
    Mode: 'it concerns updates at AWS',
    SecurityPolicy: 'there is no TLS on this machine',
    Tags: noTags,
  },
  unsupported: {
    BodyS3Location: 'the document must be in the template (Body)',
    CloneFrom: 'there is no API to copy from',
    MinimumCompressionSize: noCompression,
    Policy: 'resource policies of APIs are not emulated',
  },
};

/** Parameters of the import of a REST API's Body. */
export const IMPORT_PARAMETERS: PropertySupport = {
  // The same as EndpointConfiguration, beside which SAM writes it.
  supported: ['endpointConfigurationTypes', 'ignore'],
  notEnforced: {},
  unsupported: { basepath: 'base paths are ignored, as by default' },
};

export const API_RESOURCE: PropertySupport = {
  supported: ['ParentId', 'PathPart', 'RestApiId'],
  notEnforced: {},
  unsupported: {},
};

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-method.html */
export const API_METHOD: PropertySupport = {
  supported: [
    'ApiKeyRequired',
    'AuthorizationType',
    'AuthorizerId',
    'HttpMethod',
    'Integration',
    'RequestParameters',
    'ResourceId',
    'RestApiId',
  ],
  notEnforced: {
    MethodResponses: 'responses are not checked against them',
    OperationName: descriptive,
    RequestModels: 'requests are not validated against them',
  },
  unsupported: {
    AuthorizationScopes: 'they are for Cognito authorizers, which are not emulated',
    RequestValidatorId: 'request validation is not emulated',
  },
};

/** Of an integration, by CloudFormation's names; OpenAPI's begin in lower case. */
export const INTEGRATION: PropertySupport = {
  supported: [
    'ConnectionType',
    'Credentials',
    'IntegrationHttpMethod',
    'IntegrationResponses',
    'PassthroughBehavior',
    'RequestParameters',
    'RequestTemplates',
    'ResponseTransferMode',
    'TimeoutInMillis',
    'Type',
    'Uri',
  ],
  notEnforced: {
    CacheKeyParameters: 'there is no endpoint cache',
    CacheNamespace: 'there is no endpoint cache',
    ContentHandling: 'it has no effect on proxy integrations',
    PayloadFormatVersion: 'REST APIs know 1.0 only',
  },
  unsupported: {
    ConnectionId: 'VPC links are not emulated',
    IntegrationTarget: 'VPC links are not emulated',
    TlsConfig: 'certificates of backends are always checked',
  },
};

const stageNotEnforced = {
  Description: descriptive,
  DocumentationVersion: descriptive,
  Tags: noTags,
  TracingEnabled: noTracing,
};
const stageUnsupported = {
  CacheClusterEnabled: noCache,
  CacheClusterSize: noCache,
  CanarySetting: noCanary,
  ClientCertificateId: 'client certificates are not sent to backends',
};

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-stage.html */
export const STAGE: PropertySupport = {
  supported: ['AccessLogSetting', 'DeploymentId', 'MethodSettings', 'RestApiId', 'StageName', 'Variables'],
  notEnforced: stageNotEnforced,
  unsupported: stageUnsupported,
};

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-deployment.html */
export const DEPLOYMENT: PropertySupport = {
  supported: ['RestApiId', 'StageDescription', 'StageName'],
  notEnforced: { Description: descriptive },
  unsupported: { DeploymentCanarySettings: noCanary },
};

export const STAGE_DESCRIPTION: PropertySupport = {
  supported: ['AccessLogSetting', 'DataTraceEnabled', 'LoggingLevel', 'MethodSettings', 'Variables'],
  notEnforced: {
    ...stageNotEnforced,
    MetricsEnabled: 'there are no metrics',
  },
  unsupported: stageUnsupported,
};

export const METHOD_SETTING: PropertySupport = {
  supported: ['CachingEnabled', 'DataTraceEnabled', 'HttpMethod', 'LoggingLevel', 'ResourcePath'],
  notEnforced: {
    CacheDataEncrypted: 'there is no endpoint cache',
    CacheTtlInSeconds: 'there is no endpoint cache',
    MetricsEnabled: 'there are no metrics',
  },
  unsupported: {
    ThrottlingBurstLimit: 'the gateway does not throttle',
    ThrottlingRateLimit: 'the gateway does not throttle',
  },
};

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-permission.html */
export const PERMISSION: PropertySupport = {
  supported: [
    'Action',
    'FunctionName',
    'FunctionUrlAuthType',
    'InvokedViaFunctionUrl',
    'Principal',
    'SourceAccount',
    'SourceArn',
  ],
  notEnforced: {},
  unsupported: {
    EventSourceToken: 'it is for Alexa',
    PrincipalOrgID: 'there are no organizations here',
  },
};

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-url.html */
export const LAMBDA_URL: PropertySupport = {
  supported: ['AuthType', 'Cors', 'InvokeMode', 'Qualifier', 'TargetFunctionArn'],
  notEnforced: {},
  unsupported: {},
};

/** @see https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-functionurlconfig.html */
export const FUNCTION_URL_CONFIG: PropertySupport = {
  supported: ['AuthType', 'Cors', 'InvokeMode'],
  notEnforced: {},
  unsupported: {},
};

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-url-cors.html */
export const FUNCTION_URL_CORS: PropertySupport = {
  supported: ['AllowCredentials', 'AllowHeaders', 'AllowMethods', 'AllowOrigins', 'ExposeHeaders', 'MaxAge'],
  notEnforced: {},
  unsupported: {},
};

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html */
export const BUCKET: PropertySupport = {
  supported: ['AccessControl', 'BucketName', 'PublicAccessBlockConfiguration', 'VersioningConfiguration'],
  notEnforced: {
    AnalyticsConfigurations: 'nothing is analysed',
    BucketEncryption: 'objects are stored as they are',
    IntelligentTieringConfigurations: 'there is one storage class',
    InventoryConfigurations: 'no inventory is made',
    LifecycleConfiguration: 'objects never expire',
    LoggingConfiguration: 'there are no server access logs',
    MetricsConfigurations: 'there are no metrics',
    OwnershipControls: 'there is one owner',
    Tags: noTags,
  },
  unsupported: {
    AccelerateConfiguration: 'there is no accelerate endpoint',
    CorsConfiguration: 'the local S3 sends no CORS headers',
    NotificationConfiguration: 'the local S3 sends no events',
    ObjectLockConfiguration: 'the local S3 locks nothing',
    ObjectLockEnabled: 'the local S3 locks nothing',
    ReplicationConfiguration: 'the local S3 replicates nothing',
    WebsiteConfiguration: 'there is no website endpoint',
  },
};

export const BUCKET_POLICY: PropertySupport = {
  supported: ['Bucket', 'PolicyDocument'],
  notEnforced: {},
  unsupported: {},
};
