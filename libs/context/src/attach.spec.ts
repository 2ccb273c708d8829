import { describe, expect, it } from 'vitest';
import { attachRequestContext, requestContextOf, RequestContext } from './index.js';

const context = () => new RequestContext('r-1', 0, 'GET', '192.0.2.1', {});

describe('the context of a request', () => {
  it('is found again on the request it was attached to', () => {
    const request = {};
    const one = context();
    attachRequestContext(request, one);
    expect(requestContextOf(request)).toBe(one);
  });

  it('is found on a Fastify request and on its raw request', () => {
    const raw = {};
    const one = context();
    attachRequestContext({ raw }, one);
    expect(requestContextOf(raw)).toBe(one);
    expect(requestContextOf({ raw })).toBe(one);
  });

  it('is absent before the pipeline has begun, and is never an enumerable member of a request', () => {
    const request = { url: '/' };
    expect(requestContextOf(request)).toBeUndefined();
    attachRequestContext(request, context());
    expect(JSON.stringify(request)).toBe('{"url":"/"}');
  });
});
