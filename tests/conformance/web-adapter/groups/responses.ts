import { comparingAnswers, type Scene, type SceneGroup } from '../play.ts';
import { functionUrl, loadBalancer, restApi } from './events.ts';

const paths = [
  '/text',
  '/latin1',
  '/utf-16',
  '/marked',
  '/not-utf-8',
  '/strange-charset',
  '/json',
  '/problem',
  '/svg',
  '/upper',
  '/binary',
  '/said-text',
  '/untyped',
  '/encoded',
  '/empty',
  '/empty-typed',
  '/204',
  '/304',
  '/302',
  '/404',
  '/500',
  '/599',
  '/chunked',
  '/with-length',
  '/close',
  '/headers',
  '/file-name',
  '/trailers',
  '/large',
  '/large-chunked',
] as const;

const each = (scene: (path: string) => Scene, names: readonly string[]): Record<string, Scene> =>
  Object.fromEntries(names.map((path) => [path, scene(path)]));

const HEAD = restApi('/head', { httpMethod: 'HEAD' });
const accepting = (encoding: string) => (path: string) =>
  restApi(path, { headers: { 'Accept-Encoding': encoding }, multiValueHeaders: null });

const STREAM = { AWS_LWA_INVOKE_MODE: 'response_stream' };

/** What becomes of answers. */
export const responseGroups: Readonly<Record<string, SceneGroup>> = comparingAnswers({
  'buffered, REST API': {
    scenes: { ...each(restApi, [...paths, '/utf-8-header', '/utf-8-headers', '/utf-8-cookie']), HEAD },
  },
  'buffered, function URL': {
    scenes: each(functionUrl, ['/text', '/binary', '/headers', '/empty', '/204', '/302', '/encoded']),
  },
  'buffered, load balancer': {
    scenes: each(loadBalancer, ['/text', '/binary', '/headers', '/204', '/418', '/599']),
  },
  'buffered, other events': { scenes: { 'a JSON answer': { event: { a: 1 } } } },
  'buffered, another answer': {
    environment: { AWS_LWA_PASS_THROUGH_PATH: '/own-events' },
    scenes: { 'no JSON': { event: { a: 1 } } },
  },
  'streamed, REST API': {
    environment: STREAM,
    scenes: {
      ...each(restApi, [...paths, '/utf-8-header', '/utf-8-headers', '/utf-8-cookie', '/latin1-header']),
      ...each(restApi, ['/server-sent-events', '/long']),
      HEAD,
    },
  },
  'streamed, function URL': { environment: STREAM, scenes: each(functionUrl, ['/headers', '/204', '/binary']) },
  'streamed, load balancer': { environment: STREAM, scenes: each(loadBalancer, ['/headers']) },
  'streamed, other events': { environment: STREAM, scenes: { 'an object': { event: { a: 1 } } } },
  'streamed, in capitals': {
    environment: { AWS_LWA_INVOKE_MODE: 'RESPONSE_STREAM' },
    scenes: each(restApi, ['/text']),
  },
  'streamed and broken off': {
    environment: STREAM,
    scenes: each(restApi, ['/breaks-with-length', '/text', '/breaks-chunked', '/breaks-before-head', '/json']),
  },
  'buffered and broken off': { scenes: each(restApi, ['/breaks-with-length']) },
  'buffered and broken off in chunks': { scenes: each(restApi, ['/breaks-chunked']) },
  'buffered and broken off before the head': { scenes: each(restApi, ['/breaks-before-head', '/text']) },
  'buffered, a header in Latin-1': { scenes: each(restApi, ['/latin1-header']) },
  'an unknown invoke mode': { environment: { AWS_LWA_INVOKE_MODE: 'streaming' }, scenes: each(restApi, ['/text']) },
  gzip: {
    environment: { AWS_LWA_ENABLE_COMPRESSION: 'true' },
    scenes: {
      ...each(accepting('gzip'), [
        '/long',
        '/long-chunked',
        '/long-ranged',
        '/long-png',
        '/long-events',
        '/long-varied',
        '/short',
        '/svg',
        '/encoded',
        '/204',
        '/empty',
        '/chunked',
        '/large',
      ]),
      HEAD: restApi('/head', { httpMethod: 'HEAD', headers: { 'Accept-Encoding': 'gzip' } }),
      'a function URL': functionUrl('/long', { headers: { 'accept-encoding': 'gzip' } }),
    },
  },
  'other encodings': {
    environment: { AWS_LWA_ENABLE_COMPRESSION: 'true' },
    scenes: {
      br: accepting('br')('/long'),
      both: accepting('gzip, deflate, br')('/long'),
      'gzip preferred': accepting('gzip;q=1.0, br; q=0.5')('/long'),
      'gzip refused': accepting('gzip;q=0')('/long'),
      unknown: accepting('zstd')('/long'),
      anything: accepting('*')('/long'),
      malformed: accepting('br;q=2, x-gzip;q=0.123')('/long'),
      'identity preferred': accepting('identity, gzip;q=0.5')('/long'),
      'nothing said': restApi('/long'),
    },
  },
  'compression of a stream': {
    environment: { ...STREAM, AWS_LWA_ENABLE_COMPRESSION: 'true' },
    scenes: each(accepting('gzip'), ['/long']),
  },
  'configured error statuses': {
    environment: { AWS_LWA_ERROR_STATUS_CODES: '500,503-599,oops' },
    scenes: each(restApi, ['/500', '/503', '/599', '/404', '/text']),
  },
  'configured error statuses of a stream': {
    environment: { ...STREAM, AWS_LWA_ERROR_STATUS_CODES: '500' },
    scenes: each(restApi, ['/500', '/503']),
  },
  'an app that stops': { app: { stops: true }, scenes: each(restApi, ['/text']) },
  'an app that stops, streamed': { environment: STREAM, app: { stops: true }, scenes: each(restApi, ['/text']) },
});
