import { defineConfig } from 'vitest/config';

// The custom condition makes tests run the TypeScript sources of the libs: no build is needed first, none can be stale.
const conditions = ['@frontage/source', 'module', 'node', 'development|production'];

const isFuzz = process.env['FRONTAGE_FUZZ'] !== undefined;

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  // Decorators as Nest needs them, in specs too: no tsconfig names those.
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
  test: {
    include: ['{apps,libs,test}/**/*.{spec,e2e-spec}.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    environment: 'node',
    pool: 'forks',
    // Many tests wait for processes of their own: two files at a time, however few cores there are.
    maxWorkers: 2,
    // `npm run fuzz` makes every property longer, and the tests around it.
    setupFiles: isFuzz ? ['test/fuzz/deep-properties.ts'] : [],
    testTimeout: isFuzz ? 900_000 : 20_000,
    hookTimeout: 30_000,
  },
});
