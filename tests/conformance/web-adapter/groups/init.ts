import type { SceneGroup } from '../play.ts';
import { restApi } from './events.ts';

const scenes = { 'a request': restApi('/text') };

/** What happens before the first event, and what variables change it. */
export const initGroups: Readonly<Record<string, SceneGroup>> = {
  'an app that is slow': { app: { listensAfter: 'app is not ready after 2000ms' }, scenes },
  'an app that is unhealthy at first': { app: { readiness: [500, 503, 404] }, scenes },
  'an app that redirects': { app: { readiness: [302] }, scenes },
  'other healthy statuses': {
    environment: { AWS_LWA_READINESS_CHECK_HEALTHY_STATUS: '200-299, 418,x,5-4-3,500-' },
    app: { readiness: [404, 302, 500, 418] },
    scenes,
  },
  'the lowest unhealthy status': {
    environment: { AWS_LWA_READINESS_CHECK_MIN_UNHEALTHY_STATUS: '400' },
    app: { readiness: [404, 400, 302] },
    scenes,
  },
  'another path': {
    environment: { AWS_LWA_READINESS_CHECK_PATH: '/health?deep=1' },
    scenes,
  },
  'by TCP': {
    environment: { AWS_LWA_READINESS_CHECK_PROTOCOL: 'TCP' },
    app: { readiness: [] },
    scenes,
  },
  'by TCP, slow': {
    environment: { AWS_LWA_READINESS_CHECK_PROTOCOL: 'tcp' },
    app: { readiness: [], listensAfter: 'app is not ready after 2000ms' },
    scenes,
  },
  'by an unknown protocol': { environment: { AWS_LWA_READINESS_CHECK_PROTOCOL: 'icmp' }, scenes },
  'async init, ready': { environment: { AWS_LWA_ASYNC_INIT: 'true' }, scenes },
  'async init, not ready': {
    environment: { AWS_LWA_ASYNC_INIT: 'true' },
    app: { listensAfter: 'next' },
    scenes,
  },
  'deprecated names': {
    environment: {
      HOST: '127.0.0.1',
      PORT: '<port>',
      READINESS_CHECK_PORT: '<port>',
      READINESS_CHECK_PATH: '/ready',
      READINESS_CHECK_PROTOCOL: 'http',
      READINESS_CHECK_MIN_UNHEALTHY_STATUS: '1',
      REMOVE_BASE_PATH: '/prod',
      ASYNC_INIT: 'yes',
    },
    app: { isNotNamed: true },
    scenes: { 'a base path': restApi('/prod/text') },
  },
  'new names before old ones': {
    environment: {
      AWS_LWA_HOST: '127.0.0.1',
      HOST: '127.0.0.9',
      PORT: '1',
      AWS_LWA_READINESS_CHECK_PATH: '/a',
      READINESS_CHECK_PATH: '/b',
    },
    scenes,
  },
  'a proxy of the Runtime API': { runtimeApiVariable: 'AWS_LWA_LAMBDA_RUNTIME_API_PROXY', scenes },
  'logs in JSON': {
    environment: { AWS_LAMBDA_LOG_FORMAT: 'JSON', AWS_LWA_HOST: '127.0.0.1', ASYNC_INIT: 'false' },
    scenes,
  },
  'logs of errors alone': { environment: { AWS_LAMBDA_LOG_LEVEL: 'ERROR', ASYNC_INIT: 'false' }, scenes },
  'a log group': {
    environment: { AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/test', AWS_LAMBDA_LOG_STREAM_NAME: '2026/01/01/[$LATEST]0' },
    scenes,
  },
  'a refused registration': { registration: { status: 403, headers: {} }, app: { listensAfter: 'never' } },
  'a registration without identifier': { registration: { status: 200, headers: {} }, app: { listensAfter: 'never' } },
  'an address that is none': { environment: { AWS_LWA_PORT: 'eighty' } },
  'no port by TCP': { environment: { AWS_LWA_PORT: '80', AWS_LWA_READINESS_CHECK_PROTOCOL: 'tcp' } },
};
