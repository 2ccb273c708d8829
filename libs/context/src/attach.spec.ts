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

  it('is found on both faces of a Fastify request', () => {
    const raw = {};
    const one = context();
    attachRequestContext({ raw }, one);
    expect(requestContextOf(raw)).toBe(one);
    expect(requestContextOf({ raw })).toBe(one);
  });

  it('is absent before the pipeline has begun, and never shows among the members of a request', () => {
    const request = { url: '/' };
    expect(requestContextOf(request)).toBeUndefined();
    attachRequestContext(request, context());
    expect(JSON.stringify(request)).toBe('{"url":"/"}');
  });
});
