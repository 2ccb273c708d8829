import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.js';
import { applyTo, nameOf, viewMutants } from './view-operators.js';

const mutant = viewMutants.find((one) => nameOf(one) === process.env['MUTANT']);
if (mutant === undefined) throw new Error('MUTANT names none of the mutants');

const { projects: _folders, ...ofAll } = base.test ?? {};

/** The properties of views and the fuzz of both engines, with one mutant in place of a file. Not merged: lists would be joined. */
export default defineConfig({
  ...base,
  root: new URL('../..', import.meta.url).pathname,
  plugins: [
    {
      name: 'mutant',
      enforce: 'pre' as const,
      transform: (code: string, id: string) =>
        id.endsWith(`/libs/aggregation/src/${mutant.file}`) ? applyTo(code, mutant) : undefined,
    },
  ],
  test: {
    ...ofAll,
    include: [
      'libs/aggregation/src/evaluate/{random-views,random-choices,joins}.property.spec.ts',
      'libs/aggregation/src/projection/projected-view.spec.ts',
    ],
    // Examples of a single verb would notice most mistakes: the properties have to.
    testNamePattern: /^(?!.*(says what is missing|takes only so many|what stands in for what did not))/,
    setupFiles: ['test/mutants/end-on-failure.ts'],
    // The modules of one mutant are not those of the next.
    fsModuleCache: false,
    bail: 1,
    reporters: ['dot'],
  },
});
