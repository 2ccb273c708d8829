import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.js';
import { mutantsOf } from './inbound-pipeline.js';

const file = '/libs/gateway/src/inbound/pipeline.ts';
const source = readFileSync(new URL(`../..${file}`, import.meta.url), 'utf8');
const mutant = mutantsOf(source).find(({ name }) => name === process.env['MUTANT']);
if (mutant === undefined) throw new Error('MUTANT names none of the mutants');

const { projects: _folders, ...ofAll } = base.test ?? {};

/** The tests of the inbound pipeline, with one mutant of it in place of the file. */
// Not merged: lists would be joined, and any test of the repository could then fail in place of one that has to.
export default defineConfig({
  ...base,
  root: new URL('../..', import.meta.url).pathname,
  plugins: [
    {
      name: 'mutant',
      enforce: 'pre' as const,
      transform: (code: string, id: string) => (id.endsWith(file) ? mutant.apply(code) : undefined),
    },
  ],
  test: {
    ...ofAll,
    include: ['libs/gateway/src/inbound/{before-the-body,pipeline,pipeline-order,signals,server-timing}.spec.ts'],
    // It compares names, and would notice every change: the tests by effect have to.
    testNamePattern: /^(?!.*has one order)/,
    // The modules of one mutant are not those of the next.
    fsModuleCache: false,
    bail: 1,
    reporters: ['dot'],
  },
});
