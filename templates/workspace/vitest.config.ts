import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Decorators as Nest needs them, in specs too: no tsconfig names those.
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
  test: {
    include: ['apps/**/*.{spec,e2e-spec}.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    environment: 'node',
    pool: 'forks',
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
