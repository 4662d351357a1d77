import type { Scene } from '../play.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The proxy event of a REST API. */
export const restApi = (path: string, fields: Fields = {}): Scene => ({
  event: {
    resource: '/{proxy+}',
    path,
    httpMethod: 'GET',
    headers: { Host: 'abc.execute-api.us-east-1.amazonaws.com', Accept: '*/*' },
    multiValueHeaders: { Host: ['abc.execute-api.us-east-1.amazonaws.com'], Accept: ['*/*'] },
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: { proxy: path.slice(1) },
    stageVariables: null,
    requestContext: {
      resourceId: 'r1',
      resourcePath: '/{proxy+}',
      httpMethod: 'GET',
      extendedRequestId: 'lost',
      requestTime: '09/Apr/2015:12:34:56 +0000',
      path: `/prod${path}`,
      accountId: '000000000000',
      protocol: 'HTTP/1.1',
      stage: 'prod',
      domainPrefix: 'abc',
      requestTimeEpoch: 1_428_582_896_000,
      requestId: '11111111-2222-3333-4444-555555555555',
      identity: { cognitoIdentityPoolId: null, sourceIp: '127.0.0.1', userAgent: 'test', user: null, clientCert: {} },
      domainName: 'abc.execute-api.us-east-1.amazonaws.com',
      deploymentId: 'd1',
      apiId: 'abc',
    },
    body: null,
    isBase64Encoded: false,
    ...fields,
  },
});

/** Payload format 2.0, of a function URL. */
export const functionUrl = (rawPath: string, fields: Fields = {}, method = 'GET'): Scene => ({
  event: {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString: '',
    headers: { host: 'url.lambda-url.us-east-1.on.aws', accept: '*/*', 'x-forwarded-proto': 'https' },
    requestContext: {
      accountId: 'anonymous',
      apiId: 'url',
      authentication: null,
      domainName: 'url.lambda-url.us-east-1.on.aws',
      domainPrefix: 'url',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
      requestId: '11111111-2222-3333-4444-555555555555',
      routeKey: '$default',
      stage: '$default',
      time: '09/Apr/2015:12:34:56 +0000',
      timeEpoch: 1_428_582_896_000,
    },
    isBase64Encoded: false,
    ...fields,
  },
});

/** The event of a load balancer's target group. */
export const loadBalancer = (path: string, fields: Fields = {}): Scene => ({
  event: {
    requestContext: { elb: { targetGroupArn: 'arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/t/1' } },
    httpMethod: 'GET',
    path,
    queryStringParameters: {},
    headers: { host: 'lb.us-east-1.elb.amazonaws.com', accept: '*/*', 'x-forwarded-proto': 'http' },
    body: '',
    isBase64Encoded: false,
    ...fields,
  },
});

const base64 = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString('base64');

/** A body as an event carries it. */
export const binaryBody = (bytes: Uint8Array | string): Fields => ({ body: base64(bytes), isBase64Encoded: true });
