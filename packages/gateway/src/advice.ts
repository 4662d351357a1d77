import type { FailureName } from './data-plane/failures.ts';

const STREAM_SETTINGS =
  'set responseTransferMode STREAM on the integration, let its uri end in ' +
  '/2021-11-15/functions/{functionArn}/response-streaming-invocations, and stream from the function (awslambda.streamifyResponse)';

/** What to do about each failure: one sentence or two for logs and terminal, never for the client. */
export const ADVICE: Readonly<Record<FailureName, string>> = {
  requestTooLarge: 'API Gateway takes request bodies of 10 MB at most: upload to S3 with a presigned URL instead.',
  requestHeaderTooLarge:
    'All header values of a request together may have 10,240 bytes: look at its cookies and tokens.',
  requestCutOff: 'Look at the client: it closed or reset the connection while sending.',
  noSuchStage: 'Check API id and stage name of the URL; both are printed at start.',
  endpointDisabled: 'The API has disableExecuteApiEndpoint set, and custom domains are not served here: unset it.',
  noSuchRoute:
    'Define this method on this resource. API Gateway answers so for unknown paths and methods alike, HEAD included.',
  noSignature:
    'Sign the request with Signature Version 4 for the service execute-api, in the Authorization header: curl --aws-sigv4 aws:amz:REGION:execute-api --user KEY:SECRET.',
  incompleteSignature:
    'The method has authorizationType AWS_IAM: its Authorization header must be a Signature Version 4.',
  invalidSignature:
    'Check secret key, region and service (execute-api) of the signer; the canonical request in the answer shows what was expected to be signed.',
  unknownAccessKey:
    'Sign with credentials that Spillway knows: test/test, those of a function, or those that it was started with.',
  expiredToken: 'The credentials of a function end with its execution environment: take new ones.',
  foreignHost:
    'A method with AWS_IAM is called by this machine only, as 127.0.0.1, localhost or a name below localhost.',
  unauthorized:
    'Send what the identity source of the authorizer names. If it was sent, the authorizer itself threw "Unauthorized".',
  slowExpression:
    'Rewrite the identityValidationExpression of the authorizer: no repetition within a repetition, as in (a+)+, and no alternatives within one that match the same text. Such a match holds up every other request.',
  accessDenied:
    'Let the authorizer return a policy with a statement that allows execute-api:Invoke on this method ARN. It may be a cached one, made for another method: allow all that the caller may do, or set the TTL to 0.',
  explicitDeny:
    'A statement of the policy denies this method ARN. It may be a cached one, made for another method: return one for all methods, or set the TTL to 0.',
  authorizerFailed:
    'See the log of the authorizer: npx spillway logs FUNCTION. To answer 401, let it throw exactly "Unauthorized".',
  authorizerTimeout: 'See the log of the authorizer: npx spillway logs FUNCTION. It must answer within 29 seconds.',
  authorizerPermissions:
    'Let API Gateway call the authorizer: AWS::Lambda::Permission with Principal apigateway.amazonaws.com ' +
    'and a SourceArn that covers {apiId}/authorizers/{authorizerId}.',
  authorizerNotFound: 'Check the function name in the authorizerUri, and the stage variables in it.',
  authorizerRefused: 'Check the function named in the authorizerUri.',
  authorizerResult:
    'Return { principalId: string, policyDocument: { Version, Statement }, context?: strings, numbers and booleans, usageIdentifierKey?: string }.',
  invalidApiKey:
    'Send an enabled API key that is for this stage: in the header x-api-key or, with apiKeySource AUTHORIZER, as usageIdentifierKey of the authorizer.',
  unsupportedMediaType: 'Add a request template for this Content-Type, or set passthroughBehavior to WHEN_NO_MATCH.',
  eventTooLong:
    'Lambda takes 6 MB of event, and base64 makes a body a third longer: upload to S3 with a presigned URL instead.',
  methodNotPost: 'Set the httpMethod of the integration (IntegrationHttpMethod) to POST: Lambda knows no other.',
  crossedModes:
    'BUFFERED goes with .../2015-03-31/functions/{functionArn}/invocations, ' +
    'STREAM with .../2021-11-15/functions/{functionArn}/response-streaming-invocations: ' +
    'change /uri together with /responseTransferMode (aws apigateway update-integration), then create a new deployment.',
  forbiddenMapping: 'API Gateway fails every call whose parameter mapping sets this header: remove the mapping.',
  invalidPermissions:
    'Let the API call the function: AWS::Lambda::Permission with Principal apigateway.amazonaws.com ' +
    'and a SourceArn that covers this stage, method and path.',
  functionNotFound: 'Check the function name in the integration uri, and the stage variables in it.',
  throttled:
    'All concurrency of the function is in use: raise or remove its reserved concurrency, or send fewer requests at once.',
  lambdaRefused: 'Check the function named in the integration uri.',
  noIntegrationResponse:
    'Add an integration response for the statusCode of the request template, or one without selectionPattern.',
  badBase64: 'With isBase64Encoded true the body must be standard base64: body.toString("base64").',
  invalidEndpoint: 'Check host name and path of the integration uri, and the stage variables in it.',
  malformedResponse:
    'Return an object that has no keys but statusCode, headers, multiValueHeaders, body (a string) and isBase64Encoded.',
  malformedMetadata:
    'The metadata before the eight NUL bytes may hold statusCode, headers (single strings), ' +
    'multiValueHeaders (lists of strings) and cookies (a list), nothing else.',
  noDelimiter:
    'Start the stream with a JSON object and eight NUL bytes: awslambda.HttpResponseStream.from(responseStream, { statusCode, headers }), ' +
    'and write at least once, an empty string if there is no body: end() alone sends neither.',
  functionFailed: 'See the log of the function: npx spillway logs FUNCTION.',
  lambdaResponseTooLarge: `Lambda returns 6 MB at most in BUFFERED mode, base64 included: to send more, ${STREAM_SETTINGS}.`,
  lambdaStreamTooLarge:
    'Lambda streams 200 MB per response at most: send larger objects in ranges, or by a presigned S3 URL.',
  responseTooLarge:
    'API Gateway holds 10 MB at most in BUFFERED mode: to send more, set responseTransferMode STREAM on the integration.',
  networkError: 'Check that the HTTP endpoint of the integration uri is up and its certificate valid.',
  brokenStream:
    'The integration broke off in mid response; the connection was cut so that the client can tell. See its log.',
  lengthMismatch:
    'Send exactly as many bytes as the Content-Length that was announced, or announce none: the response is then chunked.',
  integrationTimeout:
    'Answer sooner, or raise timeoutInMillis of the integration (up to 29000 in BUFFERED, 900000 in STREAM mode).',
  streamTimeout:
    'Raise timeoutInMillis of the integration, up to 900000, where every stream ends; without it a stream has 300000. ' +
    'At 2 MB/s after the first bytes a large file takes long: --limits off lifts the pace here, ranges help on AWS.',
  idleTimeout:
    'Send something at least every 5 minutes (Regional and private endpoints) or 30 seconds (edge-optimized).',
  internal: 'This is a fault of Spillway: please report it with this line.',
};
