import { ThrottlerStorageService } from '@nestjs/throttler';
import { test } from 'vitest';
import { MemoryThrottlerStorage } from './memory-storage.js';

/**
 * Run with `npx vitest bench libs/throttling`.
 * One more hit of a caller with 60,000 hits that still count: its cost here, and in the storage of @nestjs/throttler.
 */
const liveHits = 60_000;
const day = 86_400_000;

const ours = new MemoryThrottlerStorage();
const bundled = new ThrottlerStorageService();
for (let index = 0; index < liveHits; index++) ours.hit('ada', day, 10_000_000, 0);
// Real hits would take minutes, because each one walks all hits before it. So the table is filled directly.
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
