import { describe, expect, it } from 'vitest';
import { withoutResponseExamples, withResponseExamples } from './response-examples.js';

const documentOf = (media: object) => ({
  openapi: '3.1.0',
  paths: {
    '/orders/{id}': {
      parameters: [{ name: 'id', in: 'path', example: 'o-1' }],
      get: {
        requestBody: { content: { 'application/json': { example: 'asked' } } },
        responses: {
          200: { description: 'Order.', content: { 'application/json': { schema: { example: 'kept' }, ...media } } },
          404: { content: { 'application/problem+json': { schema: {}, example: { status: 404 } } } },
        },
      },
    },
  },
});

describe('the examples of responses', () => {
  it('are left out of a comparison, and nothing else is', () => {
    const text = JSON.stringify(withoutResponseExamples(documentOf({ example: { id: 'o-1' } })));
    expect(text).not.toContain('"example":{');
    for (const kept of ['"example":"o-1"', '"example":"asked"', '"example":"kept"']) expect(text).toContain(kept);
    expect(withoutResponseExamples(documentOf({ examples: { complete: {} } }))).toEqual(
      withoutResponseExamples(documentOf({})),
    );
  });

  it('are left out of responses that operations share too', () => {
    const shared = (media: object) => ({ components: { responses: { Forbidden: { content: { 'a/b': media } } } } });
    expect(withoutResponseExamples(shared({ schema: {}, example: { status: 403 } }))).toEqual(shared({ schema: {} }));
  });

  it('take the place of those before, behind the schema, in successful responses alone', () => {
    const examples = new Map([['GET /orders/{id}', { example: { id: 'o-2' } }]]);
    const document = withResponseExamples(documentOf({ examples: { complete: {} } }), examples);
    expect(JSON.stringify(document)).toBe(JSON.stringify(documentOf({ example: { id: 'o-2' } })));
  });

  it('go where there is none any more, and stay for an operation that is not listed', () => {
    const document = documentOf({ example: { id: 'o-1' } });
    expect(withResponseExamples(document, new Map([['GET /orders/{id}', undefined]]))).toEqual(documentOf({}));
    expect(withResponseExamples(document, new Map([['PUT /orders/{id}', undefined]]))).toEqual(document);
  });

  it.each([undefined, null, 7, [], {}, { paths: 7 }, { paths: { '/a': null, '/b': { get: 1 } } }])(
    'are none in %j',
    (document) => {
      expect(withoutResponseExamples(document)).toEqual(document);
    },
  );
});
