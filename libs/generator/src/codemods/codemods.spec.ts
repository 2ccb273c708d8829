import { describe, expect, it } from 'vitest';
import { changedSources, codemods } from './codemods.js';

const changed = (text: string): string => {
  const { files } = changedSources(new Map([['src/a.ts', text]]), codemods, 'apps/tv');
  const once = files.get('src/a.ts');
  // A codemod that runs again changes nothing.
  expect(changedSources(files, codemods, 'apps/tv')).toEqual({ files, codemods: [] });
  return typeof once === 'string' ? once : expect.fail('no text');
};

describe('the codemods', () => {
  it('are numbered from 1 without a gap, and each says what it does', () => {
    expect(codemods.map(({ name }) => name.slice(0, 5))).toEqual(codemods.map((_, index) => `000${index + 1}-`));
    for (const { description } of codemods) expect(description).toMatch(/^[a-z].{20,}[^.]$/);
  });

  it('rename what is imported and its uses, and nothing of the same name', () => {
    expect(
      changed(`import { runScreen, readAnswer, type PlanRun } from '@frontage/testing';
import type { AnswerOf } from '@frontage/aggregation';
import { readAnswer as other } from './own.js';
const { PlanRun } = {} as { PlanRun: number };
export type Home = AnswerOf<typeof home>;
const body = readAnswer(run.readAnswer, { readAnswer, other: 'readAnswer' });
export { readAnswer };
`),
    ).toBe(`import { runScreen, readResponse, type PlanRunResult as PlanRun } from '@frontage/testing';
import type { ResponseOf } from '@frontage/aggregation';
import { readAnswer as other } from './own.js';
const { PlanRun } = {} as { PlanRun: number };
export type Home = ResponseOf<typeof home>;
const body = readResponse(run.readAnswer, { readAnswer: readResponse, other: 'readAnswer' });
export { readResponse as readAnswer };
`);
  });

  it('leave the uses where the new name is taken, and aliases as they are', () => {
    expect(changed(`import { readAnswer } from '@frontage/testing';\nconst readResponse = readAnswer(run);\n`)).toBe(
      `import { readResponse as readAnswer } from '@frontage/testing';\nconst readResponse = readAnswer(run);\n`,
    );
    expect(changed(`import { readAnswer as read } from '@frontage/testing';\nread(run);\n`)).toBe(
      `import { readResponse as read } from '@frontage/testing';\nread(run);\n`,
    );
    const foreign = `import { readAnswer } from './testing.js';\nreadAnswer(run);\n`;
    expect(changed(foreign)).toBe(foreign);
  });

  it('compare the promise to clients by member', () => {
    expect(
      changed(`import { endpointSuite } from '@frontage/testing/endpoint-suite';
import { routeTable } from '@frontage/testing/route-table';
it('promises', async () => {
  await expect(\`\${JSON.stringify(app.document, null, 2)}\\n\`).toMatchFileSnapshot('../openapi.gen.json');
});
`),
    ).toBe(`import { endpointSuite } from '@frontage/testing/endpoint-suite';
import { expectPinned } from '@frontage/testing/pinned-document';
import { routeTable } from '@frontage/testing/route-table';
it('promises', async () => {
  await expectPinned(app.document, new URL('../openapi.gen.json', import.meta.url));
});
`);
  });

  it('leave generated files, and files that are no sources, alone', () => {
    const text = `import { readAnswer } from '@frontage/testing';\n`;
    const files = new Map([
      ['a.gen.ts', text],
      ['a.md', text],
    ]);
    expect(changedSources(files, codemods, 'apps/tv')).toEqual({ files, codemods: [] });
  });

  it('change nothing at all where one of them fails half-way', () => {
    const broken = {
      name: '0009-broken',
      description: 'fails on the second file',
      change: (path: string, text: string): string => {
        if (path === 'src/b.ts') throw new Error('unexpected syntax');
        return `${text}// changed\n`;
      },
    };
    const files = new Map(['src/a.ts', 'src/b.ts'].map((path) => [path, 'export {};\n']));
    expect(() => changedSources(files, [broken], 'apps/tv')).toThrow(
      'codemod 0009-broken cannot change src/b.ts of apps/tv: unexpected syntax\nNothing was changed.',
    );
    expect([...files.values()]).toEqual(['export {};\n', 'export {};\n']);
  });
});
