import type { SceneGroup } from '../play.ts';
import { binaryBody, functionUrl, loadBalancer, restApi } from './events.ts';

const POST = { httpMethod: 'POST' };
const context = (scene: { event: unknown }) => (scene.event as { requestContext: object }).requestContext;

/** What becomes of events. */
export const requestGroups: Readonly<Record<string, SceneGroup>> = {
  'REST API': {
    scenes: {
      'a GET': restApi('/text'),
      'a root path': restApi('/'),
      'no path': restApi('/', { path: null }),
      'spaces and letters': restApi('/files/a b/日本語.txt'),
      escapes: restApi('/files/a%20b%2Fc%25'),
      punctuation: restApi('/p/^|[]{}`<>"\'!$&()*+,;=:@~_.-'),
      'dot segments': restApi('/a/../b/./c/%2e%2e/d'),
      'doubled slashes': restApi('//a//b/'),
      'a backslash': restApi('/a\\b'),
      'a question mark in the path': restApi('/a?b', { queryStringParameters: { c: '1' } }),
      'a number sign in the path': restApi('/a#b', { queryStringParameters: { c: '1' } }),
      'several values of a parameter': restApi('/text', {
        queryStringParameters: { a: '2', b: 'x y' },
        multiValueQueryStringParameters: { a: ['1', '2'], b: ['x y'], ключ: ['&=+%/?~*'] },
      }),
      'single values only': restApi('/text', { queryStringParameters: { a: '1', empty: '' } }),
      'an empty map of several values': restApi('/text', {
        queryStringParameters: { a: '1' },
        multiValueQueryStringParameters: {},
      }),
      headers: restApi('/text', {
        headers: { Host: 'example.com', 'X-Mixed-Case': 'b', Cookie: 'a=1', 'X-Name': '日本' },
        multiValueHeaders: { Host: ['example.com'], 'x-mixed-case': ['a', 'b'], 'X-Several': ['1', '2'] },
      }),
      'several values in headers': restApi('/text', { headers: { 'X-A': ['1', '2'] }, multiValueHeaders: null }),
      'no headers': restApi('/text', { headers: null, multiValueHeaders: null }),
      'a host with a port': restApi('/text', { headers: { Host: 'example.com:8443' } }),
      'connection and content length': restApi('/text', {
        ...POST,
        headers: { Connection: 'close', 'Content-Length': '3', Expect: '100-continue' },
        body: 'abc',
      }),
      'a content length that is too small': restApi('/text', {
        ...POST,
        headers: { 'Content-Length': '2' },
        body: 'abc',
      }),
      'a chunked client': restApi('/text', { ...POST, headers: { 'Transfer-Encoding': 'chunked' }, body: 'abc' }),
      'headers that Lambda sets': restApi('/text', {
        headers: { 'X-Amzn-Trace-Id': 'Root=own', 'x-amzn-request-context': 'own', 'x-amzn-lambda-context': 'own' },
      }),
      'a text body': restApi('/text', { ...POST, body: 'grüße' }),
      'an empty body': restApi('/text', { ...POST, body: '' }),
      'a binary body': restApi('/text', { ...POST, ...binaryBody(Uint8Array.of(0, 255, 128)) }),
      'a null flag': restApi('/text', { ...POST, body: 'abc', isBase64Encoded: null }),
      'other methods': restApi('/text', { httpMethod: 'PATCH', body: '{}' }),
      DELETE: restApi('/text', { httpMethod: 'DELETE' }),
      OPTIONS: restApi('/text', { httpMethod: 'OPTIONS' }),
      'an empty method': restApi('/text', { httpMethod: '' }),
      'an authorizer': restApi('/text', {
        requestContext: {
          httpMethod: 'GET',
          operationName: 'op',
          authorizer: { principalId: 'me', n: 1, claims: { a: 'b' } },
        },
      }),
      'an empty authorizer': restApi('/text', { requestContext: { httpMethod: 'GET', authorizer: {} } }),
      'a bare event': {
        event: { httpMethod: 'GET', requestContext: { httpMethod: 'GET' } },
      },
      'fields that are unknown': restApi('/text', { version: '1.0', own: { a: 1 } }),
    },
  },
  'function URL': {
    scenes: {
      'a GET': functionUrl('/text'),
      'an escaped path': functionUrl('/a%20b/%E6%97%A5?'),
      'a query': functionUrl('/text', {
        rawQueryString: "a=1&a=2&b=x%20y+z&q='^|`{}",
        queryStringParameters: { a: '1,2' },
      }),
      cookies: functionUrl('/text', { cookies: ['a=1', 'b=2'] }),
      'cookies and a cookie header': functionUrl('/text', { cookies: ['a=1'], headers: { cookie: 'b=2' } }),
      'a body': functionUrl('/text', { body: 'abc' }, 'PUT'),
      'a binary body': functionUrl('/text', binaryBody('日本'), 'POST'),
      'a stage': functionUrl('/dev/text', {
        requestContext: { ...context(functionUrl('/dev/text')), stage: 'dev' },
      }),
      authorizers: functionUrl('/text', {
        requestContext: {
          ...context(functionUrl('/text')),
          authorizer: {
            jwt: { claims: { sub: '1' }, scopes: ['a'] },
            lambda: { a: 1 },
            iam: { accessKey: 'k', cognitoIdentity: { amr: ['x'], identityId: null }, userId: 'u', own: 1 },
          },
          authentication: {
            clientCert: {
              clientCertPem: 'pem',
              issuerDN: 'i',
              serialNumber: 's',
              subjectDN: 'd',
              validity: { notAfter: 'a' },
            },
          },
        },
      }),
      'a null flag': functionUrl('/text', { isBase64Encoded: null }),
      'path and rawPath': functionUrl('/text', { path: '/text' }),
    },
  },
  'load balancer': {
    scenes: {
      'a GET': loadBalancer('/text'),
      'an escaped query': loadBalancer('/text', {
        queryStringParameters: { a: 'x%20y', b: '1+2', 'c%26': '%E6%97%A5&d=1' },
      }),
      'several values': loadBalancer('/text', {
        headers: undefined,
        multiValueHeaders: { host: ['lb.us-east-1.elb.amazonaws.com'], 'x-several': ['1', '2'] },
        queryStringParameters: undefined,
        multiValueQueryStringParameters: { a: ['1', '2'], 'm%C3%BC': ['x'] },
      }),
      'a body': loadBalancer('/text', { httpMethod: 'POST', ...binaryBody('abc') }),
      'a null query': loadBalancer('/text', { queryStringParameters: null }),
    },
  },
  'other events': {
    scenes: {
      'an object': { event: { Records: [{ eventSource: 'aws:sqs', body: 'ü' }] } },
      'spaces around it': { event: ' \n {"a" : 1} \t' },
      'a number': { event: '1' },
      'a text': { event: '"text"' },
      'a REST event without inner method': restApi('/text', { requestContext: { stage: 'prod' } }),
      'a wrong type': restApi('/text', { body: { a: 1 } }),
      'a header that is none': restApi('/text', { headers: { 'not a name': '1' }, multiValueHeaders: null }),
      'a null identity': restApi('/text', { requestContext: { httpMethod: 'GET', identity: null } }),
    },
  },
  'an event that is no JSON': { scenes: { 'cut off': { event: '{"a":' }, empty: { event: '' } } },
  'the invocation': {
    scenes: {
      'without trace id': { ...restApi('/text'), headers: { 'lambda-runtime-trace-id': '' } },
      'a client context': {
        ...restApi('/text'),
        headers: {
          'lambda-runtime-client-context': JSON.stringify({
            client: {
              installation_id: 'i',
              app_title: 't',
              app_version_name: 'n',
              app_version_code: 'c',
              app_package_name: 'p',
            },
            custom: { a: 'b' },
            env: { lost: '1' },
          }),
        },
      },
      'a bare client context': { ...restApi('/text'), headers: { 'lambda-runtime-client-context': '{}' } },
      'a Cognito identity': {
        ...restApi('/text'),
        headers: {
          'lambda-runtime-cognito-identity': '{"cognitoIdentityId":"id","cognitoIdentityPoolId":"pool"}',
        },
      },
      'a tenant': { ...restApi('/text'), headers: { 'lambda-runtime-aws-tenant-id': 'tenant-1' } },
    },
  },
  'a base path': {
    environment: { AWS_LWA_REMOVE_BASE_PATH: '/prod' },
    scenes: {
      removed: restApi('/prod/text'),
      'removed as often as it is there': restApi('/prod/prod/text'),
      'within a segment': restApi('/production/text'),
      alone: restApi('/prod'),
      elsewhere: restApi('/text/prod'),
    },
  },
  'a pass-through path': {
    environment: { AWS_LWA_PASS_THROUGH_PATH: '/own-events' },
    scenes: { 'an event': { event: { a: 1 } }, 'a request': restApi('/text') },
  },
  'an authorization source': {
    environment: { AWS_LWA_AUTHORIZATION_SOURCE: 'X-Token' },
    scenes: {
      there: restApi('/text', { headers: { 'x-token': 'Bearer 1', Authorization: 'lost' }, multiValueHeaders: null }),
      'not there': restApi('/text'),
    },
  },
  'a host that is none': { scenes: { 'REST API': restApi('/text', { headers: { Host: 'a b' } }) } },
  'a body that is no base64': {
    scenes: { 'REST API': restApi('/text', { ...POST, body: '*', isBase64Encoded: true }) },
  },
  'a client context that is none': {
    scenes: { 'REST API': { ...restApi('/text'), headers: { 'lambda-runtime-client-context': '{"client":{}}' } } },
  },
  'a query that should be encoded': { scenes: { 'function URL': functionUrl('/text', { rawQueryString: 'a=<b>' }) } },
  'two cookie headers': {
    scenes: { 'REST API': restApi('/text', { headers: null, multiValueHeaders: { Cookie: ['a=1', 'b=2'] } }) },
  },
};
