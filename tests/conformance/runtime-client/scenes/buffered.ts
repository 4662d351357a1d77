// Handlers that answer as a whole.
import { commonJs, error, failed, response, type Scenes } from './expected.ts';

export const bufferedScenes: Scenes = {
  'an async handler returns an object': {
    ...commonJs('exports.handler = async (event) => ({ a: event.b });'),
    calls: ['next', response('{}'), 'next'],
  },
  'an async handler returns nothing': {
    ...commonJs('exports.handler = async () => {};'),
    calls: ['next', response('null'), 'next'],
  },
  'a callback waits for the event loop': {
    ...commonJs(`
exports.handler = (event, context, callback) => { const result = {};
setTimeout(() => { result.late = true; }, 20);
callback(null, result);
};
`),
    calls: ['next', response('{"late":true}'), 'next'],
  },
  'a callback does not wait for the event loop': {
    ...commonJs(`
exports.handler = (event, context, callback) => { context.callbackWaitsForEmptyEventLoop = false;
const result = {};
setTimeout(() => { result.late = true; }, 20);
callback(null, result);
};
`),
    calls: ['next', response('{}'), 'next'],
  },
  'a callback fails': {
    ...commonJs(`
exports.handler = (event, context, callback) => callback(new TypeError("no"));
`),
    calls: ['next', failed('TypeError', 'no'), 'next'],
  },
  'a callback is called twice': {
    ...commonJs(`
exports.handler = (event, context, callback) => { callback(null, 1);
callback(null, 2);
};
`),
    calls: ['next', response('1'), 'next'],
  },
  'a callback comes after the loop was empty': {
    ...commonJs(`
let late;
exports.handler = (event, context, callback) => { if (late) { late(null, "late"); return callback(null, "second"); } late = callback;
};
`),
    events: [{}, {}],
    calls: ['next', response('null'), 'next', response('"second"'), 'next'],
  },
  'context.done answers': {
    ...commonJs('exports.handler = (event, context) => { context.done(null, "done"); };'),
    calls: ['next', response('"done"'), 'next'],
  },
  'context.succeed answers': {
    ...commonJs(`
exports.handler = (event, context) => { context.succeed({ ok: true });
};
`),
    calls: ['next', response('{"ok":true}'), 'next'],
  },
  'context.fail answers': {
    ...commonJs('exports.handler = (event, context) => { context.fail("broken"); };'),
    calls: ['next', failed('string', 'broken', null), 'next'],
  },
  'context.fail without an error': {
    ...commonJs('exports.handler = (event, context) => { context.fail(); };'),
    calls: ['next', failed('string', 'handled', null), 'next'],
  },
  'a handler neither returns a promise nor calls back': {
    ...commonJs('exports.handler = () => "ignored";'),
    calls: ['next', response('null'), 'next'],
  },
  'a promise that never settles': {
    ...commonJs('exports.handler = () => new Promise(() => {});'),
    calls: ['next', response('null'), 'next'],
  },
  'an async handler throws': {
    ...commonJs('exports.handler = async () => { throw new RangeError("too far"); };'),
    calls: ['next', failed('RangeError', 'too far'), 'next'],
  },
  'a handler throws at once': {
    ...commonJs('exports.handler = () => { throw new RangeError("too far"); };'),
    calls: ['next', failed('RangeError', 'too far'), 'next'],
  },
  'a handler throws an error of its own': {
    ...commonJs(`
class NotFound extends Error { constructor() { super("no such thing"); this.name = "NotFound"; this.code = 42; this.key = "k"; } } exports.handler = async () => { throw new NotFound();
};
`),
    calls: ['next', failed('NotFound', 'no such thing'), 'next'],
  },
  'a handler throws a string': {
    ...commonJs('exports.handler = async () => { throw "text"; };'),
    calls: ['next', failed('string', 'text', null), 'next'],
  },
  'a handler throws an object': {
    ...commonJs('exports.handler = async () => { throw { a: 1 }; };'),
    calls: ['next', failed('object', '[object Object]', null), 'next'],
  },
  'a handler throws null': {
    ...commonJs('exports.handler = async () => { throw null; };'),
    calls: ['next', failed('string', 'handled', null), 'next'],
  },
  'a handler throws what looks like an error': {
    ...commonJs(`
exports.handler = async () => { throw { name: "Odd", message: "m", stack: "first\\nsecond" };
};
`),
    calls: ['next', failed('Odd', 'm', 'first'), 'next'],
  },
  'a response without JSON': {
    ...commonJs('exports.handler = async () => 10n;'),
    calls: ['next', failed('Error', 'Unable to stringify response body'), 'next'],
  },
  'a response that is a function': {
    ...commonJs('exports.handler = async () => () => {};'),
    calls: ['next', failed('TypeError', 'Wrong arguments'), 'next'],
  },
  'an event that is no JSON': {
    ...commonJs('exports.handler = async () => 1;'),
    events: [{ body: 'not json' }, {}],
    calls: [
      'next',
      failed('SyntaxError', 'Unexpected token \'o\', "not json" is not valid JSON'),
      'next',
      response('1'),
      'next',
    ],
  },
  'the trace id is set for each invocation': {
    ...commonJs('exports.handler = async () => process.env._X_AMZN_TRACE_ID ?? "none";'),
    events: [{ headers: { 'lambda-runtime-trace-id': 'Root=1-2-3' } }, {}],
    calls: ['next', response('"Root=1-2-3"'), 'next', response('"none"'), 'next'],
  },
  'the context': {
    ...commonJs(`
exports.handler = async (event, context) => { const left = context.getRemainingTimeInMillis();
return { keys: Object.keys(context), ...context, left: left > 50000 && left <= 60000 };
};
`),
    calls: [
      'next',
      response(
        '{"keys":["callbackWaitsForEmptyEventLoop","succeed","fail","done","functionVersion","functionName","memoryLimitInMB","logGroupName","logStreamName","clientContext","identity","invokedFunctionArn","awsRequestId","tenantId","getRemainingTimeInMillis"],"callbackWaitsForEmptyEventLoop":true,"functionVersion":"$LATEST","functionName":"test","memoryLimitInMB":"128","logGroupName":"/aws/lambda/test","logStreamName":"2026/01/01/[$LATEST]0","invokedFunctionArn":"arn:aws:lambda:us-east-1:000000000000:function:test","awsRequestId":"request-1","left":true}',
      ),
      'next',
    ],
  },
  'client context, identity and tenant': {
    ...commonJs(`
exports.handler = async (event, { clientContext, identity, tenantId }) => ({ clientContext, identity, tenantId });
`),
    events: [
      {
        headers: {
          'lambda-runtime-client-context': '{"client":{}}',
          'lambda-runtime-cognito-identity': '{"cognitoIdentityId":"id"}',
          'lambda-runtime-aws-tenant-id': 'tenant',
        },
      },
      { headers: { 'lambda-runtime-client-context': 'no json' } },
    ],
    calls: [
      'next',
      response('{"clientContext":{"client":{}},"identity":{"cognitoIdentityId":"id"},"tenantId":"tenant"}'),
      'next',
      failed(
        'Error',
        'Cannot parse ClientContext as json: SyntaxError: Unexpected token \'o\', "no json" is not valid JSON',
      ),
      'next',
    ],
  },
  'the environment is reused': {
    ...commonJs('let count = 0; exports.handler = async () => ++count;'),
    events: [{}, {}, {}],
    calls: ['next', response('1'), 'next', response('2'), 'next', response('3'), 'next'],
  },
  'an uncaught exception': {
    ...commonJs(`
exports.handler = async () => { setTimeout(() => { throw new Error("later"); }, 5);
await new Promise(() => setTimeout(() => {}, 5000));
};
`),
    calls: ['next', failed('Error', 'later')],
    exitCode: 129,
  },
  'an unhandled rejection': {
    ...commonJs(`
exports.handler = async () => { Promise.reject(new Error("lost"));
await new Promise(() => setTimeout(() => {}, 5000));
};
`),
    calls: ['next', failed('Runtime.UnhandledPromiseRejection', 'Error: lost')],
    exitCode: 128,
  },
  'the process exits': {
    ...commonJs('exports.handler = async () => { process.exit(3); };'),
    calls: ['next'],
    exitCode: 3,
  },
  'the cause of an error for X-Ray': {
    ...commonJs('exports.handler = async () => { throw new Error("why"); };'),
    comparesXrayCause: true,
    calls: ['next', { error: error('Error', 'why'), xrayCause: true }, 'next'],
  },
  'text beyond ASCII': {
    ...commonJs('exports.handler = async (event) => event.name;'),
    events: [{ body: '{"name":"報告書 é"}' }],
    calls: ['next', response('"報告書 é"'), 'next'],
  },
};
