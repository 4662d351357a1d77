// From the handler string to a function, and what fails on the way.
import { answers, answersAsModule, commonJs, esModule, initFailed, response, type Scenes } from './expected.ts';

export const initScenes: Scenes = {
  'a module that is missing': {
    files: {},
    calls: [
      initFailed(
        'Runtime.ImportModuleError',
        "Error: Cannot find module 'index'\nRequire stack:\n- <client>",
        "Runtime.ImportModuleError: Error: Cannot find module 'index'",
      ),
    ],
    exitCode: 129,
  },
  'a module that another one needs is missing': {
    ...commonJs('require("no-such-package");'),
    calls: [
      initFailed(
        'Runtime.ImportModuleError',
        "Error: Cannot find module 'no-such-package'\nRequire stack:\n- <root>/index.js\n- <client>",
        "Runtime.ImportModuleError: Error: Cannot find module 'no-such-package'",
      ),
    ],
    exitCode: 129,
  },
  'a package that an ES module needs is missing': {
    ...esModule('import "no-such-package";'),
    calls: [
      initFailed(
        'Error',
        "Cannot find package 'no-such-package' imported from <root>/index.mjs",
        "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'no-such-package' imported from <root>/index.mjs",
      ),
    ],
    exitCode: 129,
  },
  'a handler that is missing': {
    ...commonJs(''),
    calls: [initFailed('Runtime.HandlerNotFound', 'index.handler is undefined or not exported')],
    exitCode: 129,
  },
  'a handler that is no function': {
    ...commonJs('exports.handler = 1;'),
    calls: [initFailed('Runtime.HandlerNotFound', 'index.handler is not a function')],
    exitCode: 129,
  },
  'a syntax error': {
    ...commonJs('exports.handler = {'),
    calls: [initFailed('Runtime.UserCodeSyntaxError', 'SyntaxError: Unexpected end of input')],
    exitCode: 129,
  },
  'a syntax error in an ES module': {
    ...esModule('export const handler = {'),
    calls: [initFailed('Runtime.UserCodeSyntaxError', 'SyntaxError: Unexpected end of input')],
    exitCode: 129,
  },
  'an ES module without that export': {
    ...esModule('import { nothing } from "node:fs"; export const handler = 1;'),
    calls: [
      initFailed(
        'Runtime.UserCodeSyntaxError',
        "SyntaxError: The requested module 'node:fs' does not provide an export named 'nothing'",
      ),
    ],
    exitCode: 129,
  },
  'a handler without a dot': {
    files: {},
    handler: 'index',
    calls: [initFailed('Runtime.MalformedHandlerName', 'Bad handler')],
    exitCode: 129,
  },
  'a handler with two dots': {
    files: {},
    handler: '../index.handler',
    calls: [
      initFailed(
        'Runtime.MalformedHandlerName',
        "'../index.handler' is not a valid handler name. Use absolute paths when specifying root directories in handler names.",
      ),
    ],
    exitCode: 129,
  },
  'a handler with an absolute path': {
    ...commonJs('exports.handler = async () => "x";'),
    handler: '/nowhere/index.handler',
    calls: [
      initFailed(
        'Runtime.ImportModuleError',
        "Error: Cannot find module 'index'\nRequire stack:\n- <client>",
        "Runtime.ImportModuleError: Error: Cannot find module 'index'",
      ),
    ],
    exitCode: 129,
  },
  'a module that throws': {
    ...commonJs('throw new RangeError("at start");'),
    calls: [initFailed('RangeError', 'at start')],
    exitCode: 129,
  },
  'a module that throws a string': {
    ...commonJs('throw "text";'),
    calls: [initFailed('string', 'text', null)],
    exitCode: 129,
  },
  'an ES module that throws': {
    ...esModule('await 1; throw new RangeError("at start");'),
    calls: [initFailed('RangeError', 'at start')],
    exitCode: 129,
  },
  'an uncaught exception during init': {
    ...esModule(`
setTimeout(() => { throw new Error("early"); }, 1);
await new Promise((resolve) => setTimeout(resolve, 1000));
`),
    calls: [initFailed('Error', 'early')],
    exitCode: 129,
  },
  'an unhandled rejection during init': {
    ...esModule(`
Promise.reject(new Error("early"));
await new Promise((resolve) => setTimeout(resolve, 1000));
`),
    calls: [initFailed('Runtime.UnhandledPromiseRejection', 'Error: early')],
    exitCode: 128,
  },
  'the process exits during init': { ...commonJs('process.exit(5);'), calls: [], exitCode: 5 },
  'an init that never ends': { ...esModule('await new Promise(() => {});'), calls: [], exitCode: 13 },
  'another kind of streaming': {
    ...commonJs(`
exports.handler = async () => {};
exports.handler[Symbol.for("aws.lambda.runtime.handler.streaming")] = "request";
`),
    calls: [initFailed('ReferenceError', 'MalformedStreamingHandler is not defined')],
    exitCode: 129,
  },
  'a handler in a folder': {
    files: { 'src/app/main.js': answers('folder') },
    handler: 'src/app/main.handler',
    calls: ['next', response('"folder"'), 'next'],
  },
  'a nested handler': {
    ...commonJs('exports.api = { v1: { get: async () => "nested" } };'),
    handler: 'index.api.v1.get',
    calls: ['next', response('"nested"'), 'next'],
  },
  'a default export': {
    ...esModule('export default async () => "default";'),
    handler: 'index.default',
    calls: ['next', response('"default"'), 'next'],
  },
  'a file without extension before all others': {
    files: { index: answers('no extension'), 'index.js': answers('js'), 'index.mjs': answersAsModule('mjs') },
    calls: ['next', response('"no extension"'), 'next'],
  },
  'js before mjs': {
    files: { 'index.js': answers('js'), 'index.mjs': answersAsModule('mjs'), 'index.cjs': answers('cjs') },
    calls: ['next', response('"js"'), 'next'],
  },
  'mjs before cjs': {
    files: { 'index.mjs': answersAsModule('mjs'), 'index.cjs': answers('cjs') },
    calls: ['next', response('"mjs"'), 'next'],
  },
  cjs: { files: { 'index.cjs': answers('cjs') }, calls: ['next', response('"cjs"'), 'next'] },
  'js of type module': {
    files: { 'package.json': '{"type":"module"}', 'index.js': answersAsModule('module') },
    calls: ['next', response('"module"'), 'next'],
  },
  'js of type module, by a folder above': {
    files: { 'package.json': '{"type":"module"}', 'src/index.js': answersAsModule('module') },
    handler: 'src/index.handler',
    calls: ['next', response('"module"'), 'next'],
  },
  'js of the nearest type': {
    files: { 'package.json': '{"type":"module"}', 'src/package.json': '{}', 'src/index.js': answers('commonjs') },
    handler: 'src/index.handler',
    calls: ['next', response('"commonjs"'), 'next'],
  },
  'cjs beside type module': {
    files: { 'package.json': '{"type":"module"}', 'index.cjs': answers('cjs') },
    calls: ['next', response('"cjs"'), 'next'],
  },
  'a folder as module': {
    files: { 'index/index.js': answers('folder') },
    calls: ['next', response('"folder"'), 'next'],
  },
  'a folder of that name without a module': {
    files: { 'index/other.js': '', 'index.js': answers('js') },
    calls: ['next', response('"js"'), 'next'],
  },
  'a package as module': {
    files: { 'node_modules/pack/index.js': answers('package') },
    handler: 'pack.handler',
    calls: ['next', response('"package"'), 'next'],
  },
  'a module that exports nothing': {
    ...commonJs('module.exports = null;'),
    calls: [
      initFailed(
        'Runtime.ImportModuleError',
        "Error: Cannot find module 'index'\nRequire stack:\n- <client>",
        "Runtime.ImportModuleError: Error: Cannot find module 'index'",
      ),
    ],
    exitCode: 129,
  },
  'an ES module with top-level await': {
    ...esModule(`
const text = await Promise.resolve("awaited");
export const handler = async () => text;
`),
    calls: ['next', response('"awaited"'), 'next'],
  },
  'commonjs exports seen from an ES module': {
    files: { 'index.mjs': 'import { handler } from "./other.cjs"; export { handler };', 'other.cjs': answers('other') },
    calls: ['next', response('"other"'), 'next'],
  },
  'without the global': {
    ...commonJs('exports.handler = async () => typeof awslambda;'),
    environment: { AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA: '1' },
    calls: ['next', response('"undefined"'), 'next'],
  },
  'the global': {
    ...commonJs('exports.handler = async () => Object.keys(awslambda);'),
    calls: ['next', response('["streamifyResponse","HttpResponseStream"]'), 'next'],
  },
  NODE_PATH: {
    files: {
      'lib/shared/index.js': 'module.exports = "shared";',
      'index.js': `
const shared = require("shared");
exports.handler = async () => shared;
`,
    },
    environment: { NODE_PATH: './lib' },
    calls: ['next', response('"shared"'), 'next'],
  },
};
