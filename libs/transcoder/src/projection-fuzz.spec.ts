import { describe, expect, it } from 'vitest';
import { engineBytes } from './web-assembly/engine.gen.js';
import { fuzz } from './fixtures/fuzz.js';

const cases = Number(process.env['FUZZ_CASES'] ?? 20_000);
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000);

describe('random texts with random specs', () => {
  it(
    'are projected in WebAssembly as in JavaScript, or left to the parser',
    () => {
      const found = fuzz(Buffer.from(engineBytes, 'base64'), seed, cases);
      console.info(`FUZZ_SEED=${seed} FUZZ_CASES=${cases}: ${JSON.stringify(found)}`);
      expect(found.wrong).toBeUndefined();
      // Fewer texts would prove little.
      expect(found.given / cases).toBeGreaterThan(0.4);
      expect(found.refused / cases).toBeGreaterThan(0.1);
      expect(found.needlesslyParsed / found.fitting).toBeLessThan(0.02);
    },
    // A slow machine does a thousand cases a second.
    10_000 + cases,
  );
});
