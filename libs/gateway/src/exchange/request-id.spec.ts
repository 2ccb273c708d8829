import { describe, expect, it } from 'vitest';
import { requestIdOf } from './request-id.js';

const own = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe('the id of a request', () => {
  it('is what a believed proxy calls it', () => {
    expect(requestIdOf('6f1c:req/7', true)).toBe('6f1c:req/7');
  });

  it('is one of our own where a client names it', () => {
    const ids = [requestIdOf('r-1', false), requestIdOf('r-1', false)];
    expect(ids).toEqual([expect.stringMatching(own), expect.stringMatching(own)]);
    expect(ids[0]).not.toBe(ids[1]);
  });

  it.each([[undefined], [''], ['a b'], ['a\r\nx: y'], ['{"a":1}'], ['é'], ['r'.repeat(129)], [['r-1', 'r-2']]])(
    'is one of our own where the proxy sends nothing usable (%j)',
    (inbound) => {
      expect(requestIdOf(inbound, true)).toMatch(own);
    },
  );
});
