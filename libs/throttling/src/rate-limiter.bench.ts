import { RequestContext } from '@frontage/context';
import { test } from 'vitest';
import { MemoryThrottlerStorage } from './counts/memory-storage.js';
import { RateLimiter } from './rate-limiter.js';

/**
 * Run with `npx vitest bench libs/throttling`.
 * The checks of a request in memory: with `addressLimit`, with a class of two limits, with both for many callers, and of a refused one.
 */
const limiter = new RateLimiter(new MemoryThrottlerStorage());
const byAddress = limiter.compileAddressLimit({ limit: 1_000_000_000, windowMs: 60_000 }).byAddress;
const byCaller = limiter.compile('interactive', [
  { per: 'user', limit: 1_000_000_000, windowMs: 60_000 },
  { per: 'app', limit: 1_000_000_000, windowMs: 1_000 },
]).byCaller;
const few = limiter.compile('few', [{ per: 'user', limit: 1, windowMs: 86_400_000 }]).byCaller;

function request(index: number, address = `10.0.${index >> 8}.${index & 255}`): RequestContext {
  const context = new RequestContext('r-1', 0, 'GET', address, {});
  context.caller = { subject: `caller ${index}`, scopes: [], roles: [] };
  return context;
}
const one = request(0);
const overIpv6 = request(0, '2001:db8::1');
const many = Array.from({ length: 5_000 }, (_, index) => request(index));
void few?.(one);
let turn = 0;

test('the limits of a request', async ({ bench }) => {
  await bench('addressLimit', () => void byAddress?.(one)).run();
  await bench('addressLimit, IPv6', () => void byAddress?.(overIpv6)).run();
  await bench('a class of two limits', () => void byCaller?.(one)).run();
  await bench('both, 5,000 callers by turns', () => {
    const context = many[turn++ % many.length] ?? one;
    void byAddress?.(context);
    void byCaller?.(context);
  }).run();
  await bench('a refusal', () => {
    try {
      void few?.(one);
    } catch {
      // The problem is what is measured.
    }
  }).run();
});
