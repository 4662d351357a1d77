// What `console` and errors print, in both formats.
import { commonJs, failed, initFailed, response, type Scenes } from './expected.ts';

export const logScenes: Scenes = {
  'lines as text': {
    ...commonJs(`
console.log('before');
const circular = {};
circular.self = circular;
class Custom extends Error { constructor(m) { super(m); this.name = 'Named'; this.key = 'value'; } }
exports.handler = async () => {
  console.trace('t');
console.debug('d');
console.info('i');
console.log('l');
console.warn('w');
console.error('e');
console.fatal('f');
  console.log();
console.log(null);
console.log(undefined);
console.log('%s is %d', 'one', 1, { more: true });
console.log({ a: { b: { c: { d: 1 } } } });
console.log(['x', 1]);
  console.log('two\\nlines');
console.log({ text: 'two\\nlines' });
console.log(circular);
console.log(12n);
console.log(Symbol('s'));
console.log(1);
  console.error(new Custom('single'));
console.error('with', new Custom('second'));
console.log({ nested: new Custom('inner') });
  process.stdout.write('plain\\n');
};
`),
    environment: {},
    calls: ['next', response('null'), 'next'],
    log: [
      '<time>\tundefined\tINFO\tbefore',
      '<time>\trequest-1\tTRACE\tt',
      '<time>\trequest-1\tDEBUG\td',
      '<time>\trequest-1\tINFO\ti',
      '<time>\trequest-1\tINFO\tl',
      '<time>\trequest-1\tWARN\tw',
      '<time>\trequest-1\tERROR\te',
      '<time>\trequest-1\tFATAL\tf',
      '<time>\trequest-1\tINFO\tundefined',
      '<time>\trequest-1\tINFO\tnull',
      '<time>\trequest-1\tINFO\tundefined',
      '<time>\trequest-1\tINFO\tone is 1 { more: true }',
      '<time>\trequest-1\tINFO\t{ a: { b: { c: [Object] } } }',
      "<time>\trequest-1\tINFO\t[ 'x', 1 ]",
      '<time>\trequest-1\tINFO\ttwo\rlines',
      "<time>\trequest-1\tINFO\t{ text: 'two\\nlines' }",
      '<time>\trequest-1\tINFO\t<ref *1> { self: [Circular *1] }',
      '<time>\trequest-1\tINFO\t12n',
      '<time>\trequest-1\tINFO\tSymbol(s)',
      '<time>\trequest-1\tINFO\t1',
      "<time>\trequest-1\tERROR\tNamed: single {\r  key: 'value'\r}",
      "<time>\trequest-1\tERROR\twith Named: second {\r  key: 'value'\r}",
      "<time>\trequest-1\tINFO\t{\r  nested: Named: inner {\r    key: 'value'\r  }\r}",
      'plain',
    ],
  },
  'lines as text, from WARN': {
    ...commonJs(`
console.log('before');
const circular = {};
circular.self = circular;
class Custom extends Error { constructor(m) { super(m); this.name = 'Named'; this.key = 'value'; } }
exports.handler = async () => {
  console.trace('t');
console.debug('d');
console.info('i');
console.log('l');
console.warn('w');
console.error('e');
console.fatal('f');
  console.log();
console.log(null);
console.log(undefined);
console.log('%s is %d', 'one', 1, { more: true });
console.log({ a: { b: { c: { d: 1 } } } });
console.log(['x', 1]);
  console.log('two\\nlines');
console.log({ text: 'two\\nlines' });
console.log(circular);
console.log(12n);
console.log(Symbol('s'));
console.log(1);
  console.error(new Custom('single'));
console.error('with', new Custom('second'));
console.log({ nested: new Custom('inner') });
  process.stdout.write('plain\\n');
};
`),
    environment: { AWS_LAMBDA_LOG_LEVEL: 'WARN' },
    calls: ['next', response('null'), 'next'],
    log: [
      '<time>\trequest-1\tWARN\tw',
      '<time>\trequest-1\tERROR\te',
      '<time>\trequest-1\tFATAL\tf',
      "<time>\trequest-1\tERROR\tNamed: single {\r  key: 'value'\r}",
      "<time>\trequest-1\tERROR\twith Named: second {\r  key: 'value'\r}",
      'plain',
    ],
  },
  'lines as text, at a level that does not exist': {
    ...commonJs(`
console.log('before');
const circular = {};
circular.self = circular;
class Custom extends Error { constructor(m) { super(m); this.name = 'Named'; this.key = 'value'; } }
exports.handler = async () => {
  console.trace('t');
console.debug('d');
console.info('i');
console.log('l');
console.warn('w');
console.error('e');
console.fatal('f');
  console.log();
console.log(null);
console.log(undefined);
console.log('%s is %d', 'one', 1, { more: true });
console.log({ a: { b: { c: { d: 1 } } } });
console.log(['x', 1]);
  console.log('two\\nlines');
console.log({ text: 'two\\nlines' });
console.log(circular);
console.log(12n);
console.log(Symbol('s'));
console.log(1);
  console.error(new Custom('single'));
console.error('with', new Custom('second'));
console.log({ nested: new Custom('inner') });
  process.stdout.write('plain\\n');
};
`),
    environment: { AWS_LAMBDA_LOG_LEVEL: 'LOUD' },
    calls: ['next', response('null'), 'next'],
    log: [
      '<time>\tundefined\tINFO\tbefore',
      '<time>\trequest-1\tTRACE\tt',
      '<time>\trequest-1\tDEBUG\td',
      '<time>\trequest-1\tINFO\ti',
      '<time>\trequest-1\tINFO\tl',
      '<time>\trequest-1\tWARN\tw',
      '<time>\trequest-1\tERROR\te',
      '<time>\trequest-1\tFATAL\tf',
      '<time>\trequest-1\tINFO\tundefined',
      '<time>\trequest-1\tINFO\tnull',
      '<time>\trequest-1\tINFO\tundefined',
      '<time>\trequest-1\tINFO\tone is 1 { more: true }',
      '<time>\trequest-1\tINFO\t{ a: { b: { c: [Object] } } }',
      "<time>\trequest-1\tINFO\t[ 'x', 1 ]",
      '<time>\trequest-1\tINFO\ttwo\rlines',
      "<time>\trequest-1\tINFO\t{ text: 'two\\nlines' }",
      '<time>\trequest-1\tINFO\t<ref *1> { self: [Circular *1] }',
      '<time>\trequest-1\tINFO\t12n',
      '<time>\trequest-1\tINFO\tSymbol(s)',
      '<time>\trequest-1\tINFO\t1',
      "<time>\trequest-1\tERROR\tNamed: single {\r  key: 'value'\r}",
      "<time>\trequest-1\tERROR\twith Named: second {\r  key: 'value'\r}",
      "<time>\trequest-1\tINFO\t{\r  nested: Named: inner {\r    key: 'value'\r  }\r}",
      'plain',
    ],
  },
  'lines as JSON': {
    ...commonJs(`
console.log('before');
const circular = {};
circular.self = circular;
class Custom extends Error { constructor(m) { super(m); this.name = 'Named'; this.key = 'value'; } }
exports.handler = async () => {
  console.trace('t');
console.debug('d');
console.info('i');
console.log('l');
console.warn('w');
console.error('e');
console.fatal('f');
  console.log();
console.log(null);
console.log(undefined);
console.log('%s is %d', 'one', 1, { more: true });
console.log({ a: { b: { c: { d: 1 } } } });
console.log(['x', 1]);
  console.log('two\\nlines');
console.log({ text: 'two\\nlines' });
console.log(circular);
console.log(12n);
console.log(Symbol('s'));
console.log(1);
  console.error(new Custom('single'));
console.error('with', new Custom('second'));
console.log({ nested: new Custom('inner') });
  process.stdout.write('plain\\n');
};
`),
    environment: { AWS_LAMBDA_LOG_FORMAT: 'JSON' },
    calls: ['next', response('null'), 'next'],
    log: [
      '{"timestamp":"<time>","level":"INFO","message":"before"}',
      '{"timestamp":"<time>","level":"TRACE","requestId":"request-1","message":"t"}',
      '{"timestamp":"<time>","level":"DEBUG","requestId":"request-1","message":"d"}',
      '{"timestamp":"<time>","level":"INFO","requestId":"request-1","message":"i"}',
      '{"timestamp":"<time>","level":"INFO","requestId":"request-1","message":"l"}',
      '{"timestamp":"<time>","level":"WARN","requestId":"request-1","message":"w"}',
      '{"timestamp":"<time>","level":"ERROR","requestId":"request-1","message":"e"}',
      '{"timestamp":"<time>","level":"FATAL","requestId":"request-1","message":"f"}',
      '{"timestamp":"<time>","level":"INFO","requestId":"request-1"}',
      '{"timestamp":"<time>","level":"INFO","requestId":"request-1","message":null}',
      '{"timestamp":"<time>","level":"INFO","requestId":"request-1"}',
      '{"timestamp":"<time>","level":"INFO","requestId":"request-1","message":"one is 1 { more: true }"}',
      '{"timestamp":"<time>","level":"INFO","requestId":"request-1","message":{"a":{"b":{"c":{"d":1}}}}}',
      '{"timestamp":"<time>","level":"INFO","requestId":"request-1","message":["x",1]}',
      '{"timestamp":"<time>","level":"INFO","requestId":"request-1","message":"two\\nlines"}',
      '{"timestamp":"<time>","level":"INFO","requestId":"request-1","message":{"text":"two\\nlines"}}',
      '{"timestamp":"<time>","level":"INFO","requestId":"request-1","message":"<ref *1> { self: [Circular *1] }"}',
      '{"timestamp":"<time>","level":"INFO","requestId":"request-1","message":"12n"}',
      '{"timestamp":"<time>","level":"INFO","requestId":"request-1"}',
      '{"timestamp":"<time>","level":"INFO","requestId":"request-1","message":1}',
      '{"timestamp":"<time>","level":"ERROR","requestId":"request-1","message":{"errorType":"Custom","errorMessage":"single","stackTrace":["Named: single"],"name":"Named","key":"value"}}',
      '{"timestamp":"<time>","level":"ERROR","requestId":"request-1","message":"with Named: second {\\n  key: \'value\'\\n}","errorType":"Custom","errorMessage":"second","stackTrace":["Named: second"]}',
      '{"timestamp":"<time>","level":"INFO","requestId":"request-1","message":{"nested":{"errorType":"Custom","errorMessage":"inner","stackTrace":["Named: inner"],"name":"Named","key":"value"}}}',
      'plain',
    ],
  },
  'lines as JSON, from FATAL': {
    ...commonJs(`
console.log('before');
const circular = {};
circular.self = circular;
class Custom extends Error { constructor(m) { super(m); this.name = 'Named'; this.key = 'value'; } }
exports.handler = async () => {
  console.trace('t');
console.debug('d');
console.info('i');
console.log('l');
console.warn('w');
console.error('e');
console.fatal('f');
  console.log();
console.log(null);
console.log(undefined);
console.log('%s is %d', 'one', 1, { more: true });
console.log({ a: { b: { c: { d: 1 } } } });
console.log(['x', 1]);
  console.log('two\\nlines');
console.log({ text: 'two\\nlines' });
console.log(circular);
console.log(12n);
console.log(Symbol('s'));
console.log(1);
  console.error(new Custom('single'));
console.error('with', new Custom('second'));
console.log({ nested: new Custom('inner') });
  process.stdout.write('plain\\n');
};
`),
    environment: { AWS_LAMBDA_LOG_FORMAT: 'json', AWS_LAMBDA_LOG_LEVEL: 'fatal' },
    calls: ['next', response('null'), 'next'],
    log: ['{"timestamp":"<time>","level":"FATAL","requestId":"request-1","message":"f"}', 'plain'],
  },
  'a tenant in JSON': {
    ...commonJs('exports.handler = async () => console.log("x");'),
    environment: { AWS_LAMBDA_LOG_FORMAT: 'JSON' },
    events: [{ headers: { 'lambda-runtime-aws-tenant-id': 'tenant' } }, {}],
    calls: ['next', response('null'), 'next', response('null'), 'next'],
    log: [
      '{"timestamp":"<time>","level":"INFO","requestId":"request-1","tenantId":"tenant","message":"x"}',
      '{"timestamp":"<time>","level":"INFO","requestId":"request-2","message":"x"}',
    ],
  },
  'errors as text': {
    ...commonJs(`
exports.handler = async ({ thrown }) => { if (thrown) throw thrown;
const error = new TypeError("no\\nway");
error.self = error;
throw error;
};
`),
    events: [{}, { body: '{"thrown":"text"}' }],
    environment: {},
    calls: ['next', failed('TypeError', 'no\nway', 'TypeError: no'), 'next', failed('string', 'text', null), 'next'],
    log: [
      '<time>\trequest-1\tERROR\tInvoke Error \t{"errorType":"TypeError","errorMessage":"no\\nway","trace":["TypeError: no"]}',
      '<time>\trequest-2\tERROR\tInvoke Error \t{"errorType":"Error","errorMessage":"text","stack":["Error: text"]}',
    ],
  },
  'errors as JSON': {
    ...commonJs(`
exports.handler = async ({ thrown }) => { if (thrown) throw thrown;
const error = new TypeError("no\\nway");
error.self = error;
throw error;
};
`),
    events: [{}, { body: '{"thrown":"text"}' }],
    environment: { AWS_LAMBDA_LOG_FORMAT: 'JSON' },
    calls: ['next', failed('TypeError', 'no\nway', 'TypeError: no'), 'next', failed('string', 'text', null), 'next'],
    log: [
      '{"timestamp":"<time>","level":"ERROR","requestId":"request-1","message":"<ref *1> TypeError: no\\nway {\\n  self: [Circular *1]\\n}"}',
      '{"timestamp":"<time>","level":"ERROR","requestId":"request-2","message":{"errorType":"Error","errorMessage":"text","stackTrace":["Error: text"]}}',
    ],
  },
  'a missing module as JSON': {
    files: {},
    environment: { AWS_LAMBDA_LOG_FORMAT: 'JSON' },
    calls: [
      initFailed(
        'Runtime.ImportModuleError',
        "Error: Cannot find module 'index'\nRequire stack:\n- <client>",
        "Runtime.ImportModuleError: Error: Cannot find module 'index'",
      ),
    ],
    exitCode: 129,
    log: [
      '{"timestamp":"<time>","level":"ERROR","message":{"errorType":"ImportModuleError","errorMessage":"Error: Cannot find module \'index\'\\nRequire stack:\\n- <client>","stackTrace":["Runtime.ImportModuleError: Error: Cannot find module \'index\'"]}}',
    ],
  },
};
