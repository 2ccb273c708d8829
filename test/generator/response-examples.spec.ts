import { runProgram } from '@frontage/generator';
import { ResponseCheck, type OpenApiDocument } from '@frontage/testing/response-check';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { workspaceRoot } from './workspace-copy.js';

type Media = {
  readonly schema?: unknown;
  readonly example?: unknown;
  readonly examples?: Record<string, { value: unknown }>;
};

interface DocumentedApp extends OpenApiDocument {
  readonly paths: Record<
    string,
    Record<string, { readonly responses: Record<string, { content?: Record<string, Media> }> }>
  >;
}

async function committed(app: string): Promise<DocumentedApp> {
  return JSON.parse(await readFile(join(workspaceRoot, `apps/${app}/openapi.gen.json`), 'utf8'));
}

describe.each(['mobile', 'web', 'partner'])('the document of %s', (app) => {
  it('has an example for each response of its own, which is as its schema says', async () => {
    const document = await committed(app);
    const check = new ResponseCheck(document);
    const found = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([method, { responses }]) =>
        Object.entries(responses).flatMap(([status, { content }]) => {
          const media = content?.['application/json'] ?? content?.['application/problem+json'];
          if (media === undefined) return [];
          const values =
            media.examples === undefined ? [media.example] : Object.values(media.examples).map(({ value }) => value);
          const route = `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
          return values.map((value) => [route, check.violations(route, Number(status), value)] as const);
        }),
      ),
    );
    expect(found.length).toBeGreaterThanOrEqual(20);
    expect(found.filter(([, violations]) => violations.length > 0)).toEqual([]);
  });
});

it('shows a home screen also without the parts that it can do without', async () => {
  const home = (await committed('mobile')).paths['/home']?.['get']?.responses['200']?.content?.['application/json'];
  expect(home?.examples?.['complete']?.value).not.toHaveProperty('_parts');
  expect(home?.examples?.['partial']?.value).toHaveProperty('_parts.banners');
});

describe('frontage accept', () => {
  it('makes the same bytes again from the sandbox, with an example for each screen', { timeout: 120_000 }, async () => {
    let out = '';
    let errors = '';
    const code = await runProgram(['accept', 'partner', '--dry-run', '--json'], {
      cwd: workspaceRoot,
      write: (text) => (out += text),
      writeError: (text) => (errors += text),
    });
    expect([code, errors]).toEqual([0, '']);
    expect(JSON.parse(out)).toMatchObject({ files: [], changes: [], missingExamples: [] });
  });
});
