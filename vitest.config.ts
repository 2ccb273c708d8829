import { defineConfig } from 'vitest/config';

// The custom condition makes tests run the TypeScript sources of the libs: no build is needed first, none can be stale.
const conditions = ['@frontage/source', 'module', 'node', 'development|production'];

const notOurs = ['**/node_modules/**', '**/dist/**'];
/** What they change, count or measure belongs to the process: classified names, subscribers of channels, counters, the heap. */
const alone = ['libs/{gateway,tracing,transcoder}/**/*.spec.ts', 'libs/core/src/processes/*.spec.ts'];

const isFuzz = process.env['FRONTAGE_FUZZ'] !== undefined;

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  // Decorators as Nest needs them, in specs too: no tsconfig names those.
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
  test: {
    projects: [
      // Specs of libs end what they start, so that one process runs many of them: loading the sources for each takes longer than the tests.
      {
        extends: true,
        test: {
          name: 'libs',
          include: ['libs/**/*.spec.ts'],
          exclude: [...notOurs, ...alone],
          benchmark: { include: ['libs/**/*.bench.ts'] },
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'apps',
          include: ['{apps,test}/**/*.{spec,e2e-spec}.ts', ...alone],
          exclude: notOurs,
          benchmark: { include: ['{apps,test}/**/*.bench.ts'] },
        },
      },
    ],
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
