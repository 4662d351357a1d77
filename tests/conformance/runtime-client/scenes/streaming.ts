// Handlers made by awslambda.streamifyResponse.
import { error, esModule, failed, httpStream, NULS, type Scenes, stream, streaming } from './expected.ts';

export const streamingScenes: Scenes = {
  'write and end': {
    ...streaming(`
stream.write("one ");
stream.write(Buffer.from("two "));
stream.write(new Uint8Array([51]));
stream.end();
`),
    calls: ['next', stream('one two 3'), 'next'],
  },
  'a prelude': {
    ...streaming('stream = from(stream, 201); stream.write("body"); stream.end();'),
    calls: ['next', httpStream(`{"statusCode":201}${NULS}body`), 'next'],
  },
  'a prelude with end(data) alone': {
    ...streaming('stream = from(stream); stream.end("body");'),
    calls: ['next', httpStream('body'), 'next'],
  },
  'a prelude with end() alone': {
    ...streaming('stream = from(stream); stream.end();'),
    calls: ['next', httpStream(''), 'next'],
  },
  'a prelude, an empty write and end()': {
    ...streaming('stream = from(stream); stream.write(""); stream.end();'),
    calls: ['next', httpStream(`{"statusCode":200}${NULS}`), 'next'],
  },
  'two preludes': {
    ...streaming(`
from(stream, 201);
from(stream, 202);
stream.write("body");
stream.end();
`),
    calls: ['next', httpStream(`{"statusCode":202}${NULS}body`), 'next'],
  },
  'a prelude after the first write': {
    ...streaming('stream.write("early"); from(stream); stream.write("x"); stream.end();'),
    calls: [
      'next',
      stream('early', { trailers: error('Runtime.InvalidStreamingOperation', 'Cannot set content-type, too late.') }),
      'next',
    ],
  },
  'end with data after a write': {
    ...streaming('stream.write("one "); stream.end("two");'),
    calls: ['next', stream('one two'), 'next'],
  },
  'end with a callback': {
    ...streaming(`
stream.write("one");
await new Promise((resolve) => stream.end(resolve));
console.log("flushed");
`),
    calls: ['next', stream('one'), 'next'],
  },
  'end with data and a callback': {
    ...streaming('stream.end("one", () => console.log("never"));'),
    calls: ['next', stream('one'), 'next'],
  },
  'a write with a callback': {
    ...streaming(`
await new Promise((resolve) => stream.write("one", resolve));
await new Promise((resolve) => stream.write("é", "latin1", resolve));
stream.end();
`),
    calls: ['next', stream('one�'), 'next'],
  },
  'an encoding': {
    ...streaming('stream.write("b25l", "base64"); stream.end();'),
    calls: ['next', stream('one'), 'next'],
  },
  'writes of other types': {
    ...streaming(`
stream.write({ a: 1 });
stream.write([2]);
stream.write(3);
stream.write(true);
stream.write(new Uint16Array([4]));
stream.end();
`),
    calls: ['next', stream('{"a":1}[2]3true{"0":4}'), 'next'],
  },
  'a write of null': {
    ...streaming('stream.write("one"); stream.write(null);'),
    calls: [
      'next',
      stream('one', { trailers: error('TypeError', "Cannot read properties of null (reading 'length')") }),
      'next',
    ],
  },
  'a write of nothing': {
    ...streaming('stream.write();'),
    calls: [
      'next',
      stream('', { trailers: error('TypeError', "Cannot read properties of undefined (reading 'length')") }),
      'next',
    ],
  },
  'a write of a function': {
    ...streaming('stream.write(() => {});'),
    calls: [
      'next',
      stream('', {
        trailers: error(
          'TypeError',
          'The "chunk" argument must be of type string or an instance of Buffer or Uint8Array. Received undefined',
          'TypeError [ERR_INVALID_ARG_TYPE]: The "chunk" argument must be of type string or an instance of Buffer or Uint8Array. Received undefined',
        ),
      }),
      'next',
    ],
  },
  'an empty response': { ...streaming('stream.end();'), calls: ['next', stream(''), 'next'] },
  'a content type': {
    ...streaming(`
stream.setContentType("text/plain");
stream.write("text");
stream.end();
`),
    calls: ['next', stream('text', { type: 'text/plain' }), 'next'],
  },
  'a content type over that of the prelude': {
    ...streaming(`
stream = from(stream);
stream.setContentType("text/plain");
stream.write("text");
stream.end();
`),
    calls: ['next', stream(`{"statusCode":200}${NULS}text`, { type: 'text/plain' }), 'next'],
  },
  'a content type after the first write': {
    ...streaming(`
stream.write("text");
stream.setContentType("text/plain");
stream.end();
`),
    calls: [
      'next',
      stream('text', { trailers: error('Runtime.InvalidStreamingOperation', 'Cannot set content-type, too late.') }),
      'next',
    ],
  },
  'an error before the first write': {
    ...streaming('throw new TypeError("early");'),
    calls: ['next', stream('', { trailers: error('TypeError', 'early') }), 'next'],
  },
  'an error with a prelude, before the first write': {
    ...streaming('stream = from(stream); throw new TypeError("early");'),
    calls: ['next', httpStream('', { trailers: error('TypeError', 'early') }), 'next'],
  },
  'an error after a write': {
    ...streaming('stream.write("some"); throw new RangeError("late");'),
    calls: ['next', stream('some', { trailers: error('RangeError', 'late') }), 'next'],
  },
  'an error after a pause': {
    ...streaming(`
stream.write("some");
await new Promise((resolve) => setTimeout(resolve, 20));
stream.write(" more");
throw new RangeError("late");
`),
    calls: ['next', stream('some more', { trailers: error('RangeError', 'late') }), 'next'],
  },
  'an error after the end': {
    ...streaming('stream.write("all"); stream.end(); throw new Error("too late");'),
    calls: ['next', stream('all'), 'next'],
  },
  'an error beyond ASCII': {
    ...streaming('const error = new Error("é 報"); error.name = "Odd Name"; throw error;'),
    calls: ['next', stream('', { trailers: error('Odd Name', 'é 報') }), 'next'],
  },
  'a thrown string': {
    ...streaming('throw "text";'),
    calls: ['next', stream('', { trailers: error('string', 'text', null) }), 'next'],
  },
  'a thrown nothing': {
    ...streaming('throw undefined;'),
    calls: [
      'next',
      stream('', {
        trailers: error(
          'handled',
          'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack',
          null,
        ),
      }),
      'next',
    ],
  },
  'a return value': {
    ...streaming('stream.write("x"); stream.end(); return { ignored: true };'),
    calls: ['next', stream('x'), 'next'],
  },
  'no end': {
    ...streaming('stream.write("x"); setTimeout(() => console.log("still open"), 100);'),
    untilLogged: 'still open',
    calls: ['next', stream('x', { state: 'open' })],
  },
  'no end and no write': {
    ...streaming('setTimeout(() => console.log("still open"), 100);'),
    untilLogged: 'still open',
    calls: ['next'],
  },
  'a handler that is not async': {
    ...esModule(`
export const handler = awslambda.streamifyResponse((event, stream) => { stream.write("some"); });
`),
    calls: [
      'next',
      stream('some', { trailers: error('string', 'Streaming does not support non-async handlers.', null) }),
      'next',
    ],
  },
  'a handler that is not async and has ended the stream': {
    ...esModule(`
export const handler = awslambda.streamifyResponse((event, stream) => { stream.write("all"); stream.end(); });
`),
    calls: ['next', stream('all'), 'next'],
  },
  'a handler that is not async and throws': {
    ...esModule(`
export const handler = awslambda.streamifyResponse(() => { throw new Error("sync"); });
`),
    calls: ['next', stream('', { trailers: error('Error', 'sync') }), 'next'],
  },
  'a handler that returns any thenable': {
    ...esModule(`
export const handler = awslambda.streamifyResponse((event, stream) => { stream.end("ok"); return { then: (resolve) => resolve() }; });
`),
    calls: ['next', stream('ok'), 'next'],
  },
  pipeline: {
    ...streaming('await pipeline(Readable.from(["one ", "two ", "three"]), stream);'),
    calls: ['next', stream('one two three'), 'next'],
  },
  'pipeline with a prelude': {
    ...streaming(`
await pipeline(Readable.from(["one ", "two ", "three"]), from(stream));
`),
    calls: ['next', httpStream(`{"statusCode":200}${NULS}one two three`), 'next'],
  },
  'pipeline from a generator through a transform': {
    ...streaming(`
await pipeline(async function* () { yield "one "; yield "two"; }, async function* (source) { for await (const chunk of source) yield String(chunk).toUpperCase(); }, stream);
`),
    calls: ['next', stream('ONE TWO'), 'next'],
  },
  'pipeline of nothing': {
    ...streaming('await pipeline(Readable.from([]), from(stream));'),
    calls: ['next', httpStream(''), 'next'],
  },
  pipe: { ...streaming('Readable.from(["one ", "two"]).pipe(stream);'), calls: ['next', stream('one two'), 'next'] },
  'pipeline from a source that fails': {
    ...streaming(`
await pipeline(async function* () { yield "one"; await sent(stream); throw new Error("source"); }, stream);
`),
    calls: ['next', stream('one', { state: 'broken' }), failed('Runtime.UnhandledPromiseRejection', 'Error: source')],
    exitCode: 128,
  },
  'pipeline from a source that fails at once': {
    ...streaming(`
await pipeline(async function* () { throw new Error("source"); }, stream);
`),
    calls: ['next', failed('Runtime.UnhandledPromiseRejection', 'Error: source')],
    exitCode: 128,
  },
  'pipeline from a source that fails, caught': {
    ...streaming(`
try { await pipeline(async function* () { yield "one"; await sent(stream); throw new Error("source"); }, stream);
} catch (error) { console.log("caught", error.message);
await new Promise((resolve) => setTimeout(resolve, 1000));
}
`),
    calls: ['next', stream('one', { state: 'broken' }), failed('Runtime.UnhandledPromiseRejection', 'Error: source')],
    exitCode: 128,
  },
  destroy: {
    ...streaming('stream.write("some"); await sent(stream); stream.destroy();'),
    calls: [
      'next',
      stream('some', { state: 'broken' }),
      failed('Runtime.UnhandledPromiseRejection', 'Error: socket hang up'),
    ],
    exitCode: 128,
  },
  'destroy with an error': {
    ...streaming(`
stream.write("some");
await sent(stream);
stream.destroy(new Error("enough"));
`),
    calls: ['next', stream('some', { state: 'broken' }), failed('Runtime.UnhandledPromiseRejection', 'Error: enough')],
    exitCode: 128,
  },
  'an error event of its own': {
    ...streaming(
      'stream.write("some"); await sent(stream); stream.emit("error", new Error("own")); await sent(stream);',
    ),
    calls: ['next', stream('some', { state: 'broken' }), failed('Runtime.UnhandledPromiseRejection', 'Error: own')],
    exitCode: 128,
  },
  'destroy before the first write': {
    ...streaming('stream.destroy();'),
    calls: ['next', failed('Runtime.UnhandledPromiseRejection', 'Error: socket hang up')],
    exitCode: 128,
  },
  'a write after the end': {
    ...streaming('stream.end("all"); if (event.more) stream.write("more");'),
    events: [{}, { body: '{"more":true}' }],
    calls: [
      'next',
      stream('all'),
      'next',
      stream('all'),
      failed('Runtime.UnhandledPromiseRejection', 'Error [ERR_STREAM_WRITE_AFTER_END]: write after end'),
    ],
    exitCode: 128,
  },
  'a write after the end was answered': {
    ...streaming(`
stream.write("x");
stream.end();
await new Promise((resolve) => stream.on("close", resolve));
stream.write("more");
`),
    calls: ['next', stream('x'), 'next'],
  },
  'end twice': { ...streaming('stream.end("all"); stream.end();'), calls: ['next', stream('all'), 'next'] },
  'properties of the stream': {
    ...streaming(`
const names = ["destroyed", "writable", "_onBeforeFirstWrite", "writableFinished", "writableObjectMode", "writableEnded", "writableNeedDrain", "writableCorked", "writableLength"];
    const values = Object.fromEntries(names.map((name) => [name, stream[name] ?? null]));
    const readOnly = [];
    for (const name of ["writableFinished", "writableObjectMode", "writableBuffer", "writableEnded", "writableNeedDrain", "writableHighWaterMark", "writableCorked", "writableLength", "destroyed", "writable", "_onBeforeFirstWrite"]) { const before = stream[name];
try { stream[name] = before; } catch { readOnly.push(name); } }
    stream.write({ values, readOnly, keys: Object.keys(stream).sort(), isWritable: stream instanceof (await import("node:stream")).Writable, highWaterMark: stream.writableHighWaterMark >= 16384 });
    stream.end();
`),
    calls: [
      'next',
      stream(
        '{"values":{"destroyed":false,"writable":true,"_onBeforeFirstWrite":null,"writableFinished":false,"writableObjectMode":false,"writableEnded":false,"writableNeedDrain":false,"writableCorked":0,"writableLength":0},"readOnly":["writableFinished","writableObjectMode","writableBuffer","writableEnded","writableNeedDrain","writableHighWaterMark","writableCorked","writableLength"],"keys":["addListener","cork","destroy","emit","end","eventNames","getMaxListeners","listenerCount","listeners","off","on","once","prependListener","prependOnceListener","rawListeners","removeAllListeners","removeListener","setContentType","setMaxListeners","uncork","write"],"isWritable":false,"highWaterMark":true}',
      ),
      'next',
    ],
  },
  'cork and uncork': {
    ...streaming(`
stream.cork();
stream.write("one ");
stream.write("two");
const corked = stream.writableCorked;
stream.uncork();
stream.end(" " + corked);
`),
    calls: ['next', stream('one two 1'), 'next'],
  },
  backpressure: {
    ...streaming(`
const chunk = "x".repeat(65536);
let waits = 0;
for (let index = 0;
index < 160;
index += 1) if (!stream.write(chunk)) { waits += 1;
await new Promise((resolve) => stream.once("drain", resolve));
} console.log("waited", waits > 0);
stream.end();
`),
    calls: ['next', stream('sha256:462a12a876c0364e4f1f3d12ed33dcae125f1198010ff78d8f4c3f4de0412d49'), 'next'],
  },
  'no regard for backpressure': {
    ...streaming(`
for (let index = 0;
index < 100;
index += 1) stream.write("0123456789".repeat(5000));
stream.end();
`),
    calls: ['next', stream('sha256:cacbb71601fac4c79dd15527b7006b9066733567baeb1999cd95df16a6b65ed9'), 'next'],
  },
  'a high-water mark': {
    ...streaming(`
stream.write("x");
await sent(stream);
stream.end(String(stream.writableHighWaterMark));}, { highWaterMark: 131072
`),
    calls: ['next', stream('x131072'), 'next'],
  },
  'a high-water mark that is no number': {
    ...streaming('stream.write("x"); stream.end();}, { highWaterMark: "131072"'),
    calls: ['next', stream('x'), 'next'],
  },
  'events of the stream': {
    ...streaming(`
for (const name of ["finish", "close", "prefinish"]) stream.on(name, () => console.log(name));
stream.write("x");
stream.end();
`),
    calls: ['next', stream('x'), 'next'],
  },
  'the context': {
    ...streaming(`
stream.write({ keys: Object.keys(context), waits: context.callbackWaitsForEmptyEventLoop });
stream.end();
`),
    calls: [
      'next',
      stream(
        '{"keys":["callbackWaitsForEmptyEventLoop","functionVersion","functionName","memoryLimitInMB","logGroupName","logStreamName","clientContext","identity","invokedFunctionArn","awsRequestId","tenantId","getRemainingTimeInMillis"],"waits":true}',
      ),
      'next',
    ],
  },
  'the event loop is waited for': {
    ...streaming(`
stream.write("x");
stream.end();
setTimeout(() => console.log("late"), 40);
`),
    events: [{}, {}],
    calls: ['next', stream('x'), 'next', stream('x'), 'next'],
  },
  'the event loop is not waited for': {
    ...streaming(`
context.callbackWaitsForEmptyEventLoop = false;
stream.write("x");
stream.end();
setTimeout(() => console.log("late"), 5000);
`),
    calls: ['next', stream('x'), 'next'],
  },
  'two invocations, the first fails': {
    ...streaming(`
stream.write(event.name);
if (event.fails) throw new Error("first");
stream.end();
`),
    events: [{ body: '{"name":"a","fails":true}' }, { body: '{"name":"b"}' }],
    calls: ['next', stream('a', { trailers: error('Error', 'first') }), 'next', stream('b'), 'next'],
  },
  'an event that is no JSON': {
    ...streaming('stream.end();'),
    events: [{ body: 'no json' }],
    calls: [
      'next',
      stream('', { trailers: error('SyntaxError', 'Unexpected token \'o\', "no json" is not valid JSON') }),
      'next',
    ],
  },
  'an uncaught exception in mid-stream': {
    ...streaming(`
stream.write("some");
await sent(stream);
setTimeout(() => { throw new Error("later"); }, 1);
await new Promise(() => setTimeout(() => {}, 5000));
`),
    calls: ['next', stream('some', { state: 'broken' }), failed('Error', 'later')],
    exitCode: 129,
  },
  'an unhandled rejection in mid-stream': {
    ...streaming(`
stream.write("some");
await sent(stream);
Promise.reject(new Error("lost"));
await new Promise(() => setTimeout(() => {}, 5000));
`),
    calls: ['next', stream('some', { state: 'broken' }), failed('Runtime.UnhandledPromiseRejection', 'Error: lost')],
    exitCode: 128,
  },
  'the process exits in mid-stream': {
    ...streaming('stream.write("some"); await sent(stream); process.exit(7);'),
    calls: ['next', stream('some', { state: 'broken' })],
    exitCode: 7,
  },
  'an unhandled rejection after the end': {
    ...streaming(`
stream.write("all");
stream.end();
stream.on("close", () => Promise.reject(new Error("lost")));
await new Promise((resolve) => setTimeout(resolve, 1000));
`),
    calls: ['next', stream('all'), failed('Runtime.UnhandledPromiseRejection', 'Error: lost')],
    exitCode: 128,
  },
};
