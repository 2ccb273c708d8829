import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

/** A plan of so many calls over home-made operations, each next one reading of the one before, and a screen of so many members. */
function sourceOf(calls: number, members: number): string {
  const numbers = Array.from({ length: calls }, (_, n) => n);
  const fields = (n: number) => `id: string; name: string; count${n}: number; place?: { town: string; zip: string | null }; rows: { sku: string; left: number }[]`; // prettier-ignore
  const operations = numbers.map(
    (n) => `interface Answer${n} { ${fields(n)} }
declare const get${n}: Operation<{ path: { id: string }; query?: { limit?: number; kind?: 'a${n}' | 'b${n}' } }, Answer${n}, { '404': { title: string } }, 'GET'>;`,
  );
  const nodes = numbers.map((n) => {
    const id = n === 0 ? 'caller.subject' : `part${n - 1}.id`;
    return n % 3 === 2
      ? `  const other${n} = optional(get${n}, { path: { id: ${id} } }, { timeoutMs: 100 });
  const part${n} = required(get${n}, { path: { id: ${id} }, query: { limit: 3, kind: 'a${n}' } });`
      : `  const part${n} = required(get${n}, { path: { id: ${id} }, query: { limit: 3 } });`;
  });
  const names = numbers.flatMap((n) => (n % 3 === 2 ? [`other${n}`, `part${n}`] : [`part${n}`]));
  const shown = Array.from({ length: members }, (_, m) => {
    const n = m % calls;
    const forms = [
      `part${n}.name`,
      `list(part${n}.rows, (row) => ({ sku: row.sku, left: row.left }))`,
      `orNull(part${n}.place.town)`,
      `{ ...pick(part${n}, 'id', 'count${n}') }`,
    ];
    return `  m${m}: ${n % 3 === 2 ? `orNull(other${n}.name)` : (forms[m % forms.length] ?? '')},`;
  });
  return `import type { Operation } from '@frontage/core';
import { given, list, optional, orNull, pick, plan, required, screen } from './index.js';
${operations.join('\n')}
export const made = plan('made', { input: { caller: given<{ subject: string }>() }, deadlineMs: 100 }, ({ caller }) => {
${nodes.join('\n')}
  return { ${names.join(', ')} };
});
export const shown = screen(made, ({ ${names.join(', ')} }) => ({
${shown.join('\n')}
}));
`;
}

/** The cost of a plan for the compiler: instantiations of types, and milliseconds of this process. */
function costOf(source: string): { readonly instantiations: number; readonly ms: number } {
  const root = join(import.meta.dirname, '../../..');
  const file = join(import.meta.dirname, 'type-cost.generated.ts');
  const { config } = ts.readConfigFile(join(root, 'tsconfig.test.json'), (name) => ts.sys.readFile(name));
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [file] }, ts.sys, root);
  const host = ts.createCompilerHost(options);
  const parse = host.getSourceFile.bind(host);
  const exists = host.fileExists.bind(host);
  host.fileExists = (name) => name === file || exists(name);
  host.getSourceFile = (name, language, ...rest) =>
    name === file ? ts.createSourceFile(name, source, language, true) : parse(name, language, ...rest);
  const program = ts.createProgram([file], options, host);
  program.getTypeChecker();
  const begun = process.cpuUsage();
  const wrong = program.getSemanticDiagnostics(program.getSourceFile(file));
  const { user, system } = process.cpuUsage(begun);
  expect(wrong.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([]);
  return { instantiations: program.getInstantiationCount(), ms: (user + system) / 1000 };
}

describe('the types of a plan', () => {
  const one = costOf(sourceOf(1, 2));
  const thirty = costOf(sourceOf(30, 60));

  it('cost less than a second more for 30 calls and a view of 60 members than for one call', () => {
    expect(thirty.ms - one.ms).toBeLessThan(1000);
  });

  // About 5 % above what was measured: one more type of a verb costs a few, a type that multiplies costs thousands.
  it('are instantiated no more often than a language with few types needs', () => {
    expect(one.instantiations).toBeLessThan(3_400);
    expect(thirty.instantiations).toBeLessThan(23_000);
  });
});
