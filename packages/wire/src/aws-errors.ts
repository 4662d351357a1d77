/** AWS's errors: HTTP status and default message by AWS's own code. Who throws one may replace the message (`AwsErrorOptions`). */
export const AWS_ERRORS = {
  // Amazon S3. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
  AccessDenied: [403, 'Access Denied'],
  AuthorizationHeaderMalformed: [400, 'The authorization header that you provided is not valid.'],
  AuthorizationQueryParametersError: [400, 'Error parsing the X-Amz-Credential parameter.'],
  BadRequest: [400, 'Bad Request'],
  BadDigest: [400, 'The Content-MD5 or checksum value that you specified did not match what the server received.'],
  BucketAlreadyExists: [409, 'The requested bucket name is not available. Select a different name and try again.'],
  BucketAlreadyOwnedByYou: [409, 'Your previous request to create the named bucket succeeded and you already own it.'],
  BucketNotEmpty: [409, 'The bucket you tried to delete is not empty.'],
  EntityTooLarge: [400, 'Your proposed upload exceeds the maximum allowed object size.'],
  EntityTooSmall: [400, 'Your proposed upload is smaller than the minimum allowed object size.'],
  ExpiredToken: [400, 'The provided token has expired.'],
  IncompleteBody: [400, 'You did not provide the number of bytes specified by the Content-Length HTTP header.'],
  IllegalLocationConstraintException: [400, 'The specified location constraint is not valid.'],
  InternalError: [500, 'We encountered an internal error. Please try again.'],
  InvalidAccessKeyId: [403, 'The AWS Access Key Id you provided does not exist in our records.'],
  InvalidArgument: [400, 'Invalid Argument'],
  InvalidBucketName: [400, 'The specified bucket is not valid.'],
  InvalidChunkSizeError: [400, 'Only the last chunk is allowed to have a size less than 8192 bytes'],
  InvalidDigest: [400, 'The Content-MD5 you specified is not valid.'],
  InvalidPart: [400, 'One or more of the specified parts could not be found.'],
  InvalidPartOrder: [400, 'The list of parts was not in ascending order. Parts must be ordered by part number.'],
  InvalidRange: [416, 'The requested range is not satisfiable'],
  InvalidRequest: [400, 'Invalid Request'],
  InvalidTag: [400, 'The tag provided was not a valid tag.'],
  InvalidToken: [400, 'The provided token is malformed or otherwise invalid.'],
  InvalidURI: [400, "Couldn't parse the specified URI."],
  KeyTooLongError: [400, 'Your key is too long'],
  MalformedPolicy: [400, "Policies must be valid JSON and the first byte must be '{'"],
  MalformedTrailerError: [
    400,
    'The request contained trailing data that was not well-formed or did not conform to our published schema.',
  ],
  MalformedXML: [400, 'The XML you provided was not well-formed or did not validate against our published schema'],
  MetadataTooLarge: [400, 'Your metadata headers exceed the maximum allowed metadata size'],
  MethodNotAllowed: [405, 'The specified method is not allowed against this resource.'],
  MissingContentLength: [411, 'You must provide the Content-Length HTTP header.'],
  NoSuchBucket: [404, 'The specified bucket does not exist'],
  NoSuchBucketPolicy: [404, 'The bucket policy does not exist'],
  NoSuchKey: [404, 'The specified key does not exist.'],
  NoSuchPublicAccessBlockConfiguration: [404, 'The public access block configuration was not found'],
  NoSuchTagSet: [404, 'The TagSet does not exist'],
  UserKeyMustBeSpecified: [400, 'The bucket POST must contain the specified field name.'],
  NoSuchUpload: [
    404,
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
  ],
  NotImplemented: [501, 'A header or query you provided implies functionality that is not implemented.'],
  NotModified: [304, 'Not Modified'],
  PreconditionFailed: [412, 'At least one of the pre-conditions you specified did not hold'],
  RequestTimeTooSkewed: [403, 'The difference between the request time and the current time is too large.'],
  SignatureDoesNotMatch: [
    403,
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  ],
  SlowDown: [503, 'Please reduce your request rate.'],
  XAmzContentSHA256Mismatch: [400, "The provided 'x-amz-content-sha256' header does not match what was computed."],

  // Signatures, services other than S3. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
  ExpiredTokenException: [403, 'The security token included in the request is expired'],
  IncompleteSignatureException: [403, 'The request signature does not conform to AWS standards.'],
  InvalidSignatureException: [
    403,
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
  ],
  UnrecognizedClientException: [403, 'The security token included in the request is invalid.'],

  // Lambda, Invoke. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
  AccessDeniedException: [403, 'The caller is not authorized to perform this operation.'],
  InvalidParameterValueException: [400, 'One of the parameters in the request is not valid.'],
  InvalidRequestContentException: [400, 'Could not parse request body into json.'],
  PolicyLengthExceededException: [400, 'The final policy size is bigger than the limit (20480).'],
  PreconditionFailedException: [
    412,
    'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id',
  ],
  RequestEntityTooLargeException: [413, 'Request must be smaller than 6291456 bytes for the InvokeFunction operation'],
  ResourceConflictException: [409, 'The resource already exists, or another operation is in progress.'],
  ResourceNotFoundException: [404, 'The resource specified in the request does not exist.'],
  SerializationException: [400, 'Could not parse request body into json.'],
  ServiceException: [500, 'An internal error occurred.'],
  TooManyRequestsException: [429, 'Rate Exceeded.'],
  UnknownOperationException: [404, 'The requested operation is not supported.'],
  ValidationException: [400, 'The request is not valid.'],

  // CloudWatch Logs. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/CommonErrors.html
  InvalidParameterException: [400, 'A parameter is specified incorrectly.'],
  ResourceAlreadyExistsException: [400, 'The specified resource already exists.'],

  // Lambda, what a function or its runtime did. Facts: lambda.md 1.7 and 4.3 of AWS's own emulator and recordings.
  'Function.ResponseSizeTooLarge': [
    200,
    'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
  ],
  'Runtime.TruncatedResponse': [200, 'The runtime closed its response before the end.'],

  // API Gateway. https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
  AuthorizerConfigurationException: [500, 'Internal server error'],
  BadRequestException: [400, 'Bad Request'],
  ConflictException: [409, 'The request conflicts with the state of the resource.'],
  EndpointRequestTimedOut: [504, 'Endpoint request timed out'],
  ForbiddenException: [403, 'Forbidden'],
  IntegrationResponseTooLarge: [500, 'Internal server error'],
  InternalServerErrorException: [500, 'Internal server error'],
  MalformedProxyResponse: [502, 'Internal server error'],
  MissingAuthenticationTokenException: [403, 'Missing Authentication Token'],
  NetworkErrorCommunicatingWithEndpoint: [504, 'Network error communicating with endpoint'],
  NotFoundException: [404, 'Not Found'],
  PreludeDelimiterMissing: [500, 'Internal server error'],
  RequestHeaderTooLarge: [431, 'HTTP header is larger than 10240 bytes.'],
  RequestTooLong: [413, 'Request Too Long'],
  RequestTooLarge: [413, 'HTTP content length exceeded 10485760 bytes.'],
  UnauthorizedException: [401, 'Unauthorized'],
  UnsupportedMediaType: [415, 'Unsupported Media Type'],
  UriTooLong: [414, 'Request-URI Too Large'],

  // IAM and STS. https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
  DeleteConflict: [409, 'Cannot delete entity, must delete subordinate entities first.'],
  EntityAlreadyExists: [409, 'The entity already exists.'],
  InvalidAction: [400, 'The action or operation requested is invalid.'],
  InvalidInput: [400, 'An invalid or out-of-range value was supplied for an input parameter.'],
  LimitExceeded: [409, 'The request exceeds a limit of the account.'],
  MalformedPolicyDocument: [400, 'Syntax errors in policy.'],
  MissingAction: [400, 'The request is missing an action or a required parameter.'],
  NoSuchEntity: [404, 'The entity cannot be found.'],
  ValidationError: [400, 'The input fails to satisfy the constraints specified by an AWS service.'],

  // Ours: a request that a web page of another origin sent to this machine.
  CrossSiteRequestRefused: [
    403,
    'Refused: this request comes from another web site, or names a host that is not this server.',
  ],
} as const;

export type AwsErrorCode = keyof typeof AWS_ERRORS;
