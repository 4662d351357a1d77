import type { AwsErrorCode } from '@spillway/wire';

/** What can go wrong with a request: the error that the client sees, and what AWS's execution log says. */
export interface Failure {
  readonly code: AwsErrorCode;
  /** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html */
  readonly responseType: string;
  /** In AWS's words where they are recorded. */
  readonly log: string;
  /** Of the client's answer, where it is not the code's own. */
  readonly message?: string;
}

export type FailureName =
  | 'requestTooLarge'
  | 'requestHeaderTooLarge'
  | 'requestCutOff'
  | 'noSuchStage'
  | 'endpointDisabled'
  | 'noSuchRoute'
  | 'noSignature'
  | 'incompleteSignature'
  | 'invalidSignature'
  | 'unknownAccessKey'
  | 'expiredToken'
  | 'foreignHost'
  | 'unauthorized'
  | 'slowExpression'
  | 'accessDenied'
  | 'explicitDeny'
  | 'authorizerFailed'
  | 'authorizerTimeout'
  | 'authorizerPermissions'
  | 'authorizerNotFound'
  | 'authorizerRefused'
  | 'authorizerResult'
  | 'invalidApiKey'
  | 'unsupportedMediaType'
  | 'eventTooLong'
  | 'methodNotPost'
  | 'crossedModes'
  | 'forbiddenMapping'
  | 'invalidPermissions'
  | 'functionNotFound'
  | 'throttled'
  | 'lambdaRefused'
  | 'noIntegrationResponse'
  | 'badBase64'
  | 'invalidEndpoint'
  | 'malformedResponse'
  | 'malformedMetadata'
  | 'noDelimiter'
  | 'functionFailed'
  | 'lambdaResponseTooLarge'
  | 'lambdaStreamTooLarge'
  | 'responseTooLarge'
  | 'networkError'
  | 'brokenStream'
  | 'lengthMismatch'
  | 'integrationTimeout'
  | 'streamTimeout'
  | 'idleTimeout'
  | 'internal';

const failure = (code: AwsErrorCode, responseType: string, log: string): Failure => ({ code, responseType, log });
const configurationError = (log: string) =>
  failure(
    'InternalServerErrorException',
    'API_CONFIGURATION_ERROR',
    `Execution failed due to configuration error: ${log}`,
  );
const timeout = () =>
  failure('EndpointRequestTimedOut', 'INTEGRATION_TIMEOUT', 'Execution failed due to a timeout error');

const AUTHORIZER_ERROR = 'Execution failed due to configuration error: Authorizer error';
const authorizerConfiguration = () =>
  failure('AuthorizerConfigurationException', 'AUTHORIZER_CONFIGURATION_ERROR', AUTHORIZER_ERROR);
const authorizerFailure = () => failure('AuthorizerConfigurationException', 'AUTHORIZER_FAILURE', AUTHORIZER_ERROR);
const denied = (message: string) => ({
  ...failure('AccessDeniedException', 'ACCESS_DENIED', 'The client is not authorized to perform this operation.'),
  message,
});

const MALFORMED = 'Execution failed due to configuration error: Malformed Lambda proxy response';
const FUNCTION_ERROR = 'Lambda execution failed with status 200 due to customer function error';
const NETWORK_ERROR = 'Execution failed due to a network error communicating with endpoint';

export const FAILURES: Readonly<Record<FailureName, Failure>> = {
  requestTooLarge: failure('RequestTooLarge', 'REQUEST_TOO_LARGE', 'HTTP content length exceeded 10485760 bytes.'),
  requestHeaderTooLarge: failure('RequestHeaderTooLarge', 'DEFAULT_4XX', 'HTTP header is larger than 10240 bytes.'),
  requestCutOff: failure(
    'BadRequestException',
    'DEFAULT_4XX',
    'The client ended its request before the end of its body.',
  ),
  noSuchStage: failure('ForbiddenException', 'ACCESS_DENIED', 'Forbidden'),
  endpointDisabled: failure('ForbiddenException', 'ACCESS_DENIED', 'Forbidden'),
  noSuchRoute: failure(
    'MissingAuthenticationTokenException',
    'MISSING_AUTHENTICATION_TOKEN',
    'Missing Authentication Token',
  ),
  noSignature: failure(
    'MissingAuthenticationTokenException',
    'MISSING_AUTHENTICATION_TOKEN',
    'Missing Authentication Token',
  ),
  incompleteSignature: failure(
    'IncompleteSignatureException',
    'INVALID_SIGNATURE',
    'The request signature does not conform to AWS standards.',
  ),
  invalidSignature: failure(
    'InvalidSignatureException',
    'INVALID_SIGNATURE',
    'The request signature we calculated does not match the signature you provided.',
  ),
  unknownAccessKey: failure(
    'UnrecognizedClientException',
    'ACCESS_DENIED',
    'The security token included in the request is invalid',
  ),
  expiredToken: failure(
    'ExpiredTokenException',
    'EXPIRED_TOKEN',
    'The security token included in the request is expired',
  ),
  foreignHost: failure('CrossSiteRequestRefused', 'ACCESS_DENIED', 'Forbidden'),
  unauthorized: failure('UnauthorizedException', 'UNAUTHORIZED', 'Unauthorized'),
  slowExpression: failure('UnauthorizedException', 'UNAUTHORIZED', 'Unauthorized'),
  accessDenied: denied('User is not authorized to access this resource'),
  explicitDeny: denied(
    'User is not authorized to access this resource with an explicit deny in an identity-based policy',
  ),
  authorizerFailed: authorizerFailure(),
  authorizerTimeout: authorizerFailure(),
  authorizerPermissions: authorizerConfiguration(),
  authorizerNotFound: authorizerConfiguration(),
  authorizerRefused: authorizerFailure(),
  authorizerResult: authorizerConfiguration(),
  invalidApiKey: failure('ForbiddenException', 'INVALID_API_KEY', 'Forbidden'),
  unsupportedMediaType: failure('UnsupportedMediaType', 'UNSUPPORTED_MEDIA_TYPE', 'Unsupported Media Type'),
  eventTooLong: failure('RequestTooLong', 'REQUEST_TOO_LARGE', 'Request Too Long'),
  methodNotPost: configurationError('Invalid integration HTTP method'),
  crossedModes: configurationError('The response transfer mode does not match the Lambda invocation URI'),
  forbiddenMapping: configurationError('Invalid mapping expression specified'),
  invalidPermissions: configurationError('Invalid permissions on Lambda function'),
  functionNotFound: configurationError('Lambda function not found'),
  throttled: configurationError('Rate Exceeded.'),
  lambdaRefused: configurationError('Lambda refused the invocation'),
  noIntegrationResponse: configurationError('No match for the status of the MOCK integration'),
  badBase64: configurationError('Unable to base64 decode the body.'),
  invalidEndpoint: configurationError('Invalid endpoint address'),
  malformedResponse: failure('MalformedProxyResponse', 'INTEGRATION_FAILURE', MALFORMED),
  malformedMetadata: failure('MalformedProxyResponse', 'INTEGRATION_FAILURE', MALFORMED),
  noDelimiter: failure('PreludeDelimiterMissing', 'INTEGRATION_FAILURE', MALFORMED),
  functionFailed: failure('MalformedProxyResponse', 'INTEGRATION_FAILURE', FUNCTION_ERROR),
  lambdaResponseTooLarge: failure('MalformedProxyResponse', 'INTEGRATION_FAILURE', FUNCTION_ERROR),
  lambdaStreamTooLarge: failure('MalformedProxyResponse', 'INTEGRATION_FAILURE', FUNCTION_ERROR),
  responseTooLarge: failure(
    'IntegrationResponseTooLarge',
    'DEFAULT_5XX',
    'Execution failed due to configuration error: Integration response is larger than allowed maximum of 10485760 bytes',
  ),
  networkError: failure('NetworkErrorCommunicatingWithEndpoint', 'INTEGRATION_FAILURE', NETWORK_ERROR),
  brokenStream: failure('NetworkErrorCommunicatingWithEndpoint', 'INTEGRATION_FAILURE', NETWORK_ERROR),
  lengthMismatch: failure('MalformedProxyResponse', 'INTEGRATION_FAILURE', MALFORMED),
  integrationTimeout: timeout(),
  streamTimeout: timeout(),
  idleTimeout: timeout(),
  internal: failure('InternalServerErrorException', 'DEFAULT_5XX', 'Execution failed due to an internal error'),
};
