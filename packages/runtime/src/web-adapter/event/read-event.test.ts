import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AdapterCrash } from '../adapter-crash.ts';
import { readEvent } from './read-event.ts';

const restApi = { httpMethod: 'GET', path: '/', requestContext: { httpMethod: 'GET' } };
const functionUrl = { rawPath: '/', requestContext: { http: { method: 'GET' } } };
const loadBalancer = { httpMethod: 'GET', path: '/', requestContext: { elb: {} } };

const read = (event: unknown) => readEvent(JSON.stringify(event));

describe('readEvent', () => {
  it.each([
    ['api-gateway-v1', restApi],
    ['api-gateway-v2', functionUrl],
    ['application-load-balancer', loadBalancer],
    ['pass-through', { Records: [] }],
    ['pass-through', { ...restApi, httpMethod: undefined }],
    ['pass-through', { ...restApi, requestContext: {} }],
    ['pass-through', { ...restApi, headers: { 'not a name': '' } }],
    ['pass-through', { ...restApi, headers: { name: 'two\nlines' } }],
    ['pass-through', { ...restApi, stageVariables: { a: 1 } }],
    ['pass-through', { ...restApi, requestContext: { httpMethod: 'GET', requestTimeEpoch: '1' } }],
  ])('takes for %s: %j', (kind, event) => {
    expect(read(event).kind).toBe(kind);
  });

  it('encodes parameters so that the app reads them as they were', () => {
    const parameters = fc.dictionary(
      fc.string({ unit: 'grapheme' }),
      fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }),
    );
    fc.assert(
      fc.property(parameters, (multiValueQueryStringParameters) => {
        const { query = '' } = read({ ...restApi, multiValueQueryStringParameters });
        const given = Object.entries(multiValueQueryStringParameters).flatMap(([name, values]) =>
          values.map((value) => [name, value]),
        );
        // The ampersand keeps a question mark that the first name begins with.
        expect([...new URLSearchParams(`&${query}`)]).toEqual(given);
      }),
    );
  });

  it('decodes what a load balancer passes on encoded', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((value) => !/[%&+=]/.test(value));
    fc.assert(
      fc.property(text, text, (name, value) => {
        const queryStringParameters = { [encodeURIComponent(name)]: encodeURIComponent(value) };
        const { query = '' } = read({ ...loadBalancer, queryStringParameters });
        expect([...new URLSearchParams(`&${query}`)]).toEqual(
          name === '' && value === '' ? [['', '']] : [[name, value]],
        );
      }),
    );
  });

  it('gives headers and bodies as bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const body = Buffer.from(bytes).toString('base64');
        expect(read({ ...restApi, body, isBase64Encoded: true }).body).toEqual(Buffer.from(bytes));
      }),
    );
    const { headers, body } = read({ ...restApi, headers: { 'X-Name': 'é' }, body: 'é' });
    expect(headers.get('x-name')).toEqual(['\xc3\xa9']);
    expect(body).toEqual(Buffer.from('é'));
  });

  it('passes other events on as they were written', () => {
    expect(readEvent(' {"a" : 1}\n').body.toString()).toBe('{"a" : 1}');
  });

  it("ends the adapter where AWS's own would panic", () => {
    expect(() => read({ ...restApi, headers: { Host: 'a b' } })).toThrow(AdapterCrash);
    expect(() => read({ ...restApi, body: 'a', isBase64Encoded: true })).toThrow(AdapterCrash);
    expect(() => read({ ...functionUrl, rawQueryString: 'a b' })).toThrow(AdapterCrash);
  });
});
