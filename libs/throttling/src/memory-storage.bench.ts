import { ThrottlerStorageService } from '@nestjs/throttler';
import { test } from 'vitest';
import { MemoryThrottlerStorage } from './memory-storage.js';

/**
 * Run with `npx vitest bench libs/throttling`.
 * One caller with 60,000 hits that still count, and one more: what the hit costs here, and with the storage that @nestjs/throttler brings.
 */
const liveHits = 60_000;
const day = 86_400_000;

const ours = new MemoryThrottlerStorage();
const bundled = new ThrottlerStorageService();
for (let index = 0; index < liveHits; index++) ours.hit('ada', day, 10_000_000, 0);
// Hit by hit this would take minutes: each one walks all that came before. Its table is filled as those hits would leave it.
await bundled.increment('ada', day, 10_000_000, 0, 'default');
const expirations: unknown = Reflect.get(bundled, 'hitExpirations');
if (expirations instanceof Map) {
  expirations.get('ada').set(
    'default',
    Array.from({ length: liveHits }, () => Date.now() + day),
  );
}

test(`a hit after ${liveHits} others`, async ({ bench }) => {
  await bench.compare(
    bench('Frontage, as the gateway asks', () => void ours.hit('ada', day, 10_000_000, 0)),
    bench(
      'Frontage, as ThrottlerStorage',
      async () => void (await ours.increment('ada', day, 10_000_000, 0, 'default')),
    ),
    bench(
      '@nestjs/throttler, bundled',
      async () => void (await bundled.increment('ada', day, 10_000_000, 0, 'default')),
    ),
  );
});
