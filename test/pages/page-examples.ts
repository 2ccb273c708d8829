import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from '@frontage/testing';

export interface Section {
  /** The word that it explains. */
  readonly word: string;
  readonly text: string;
  readonly line: number;
  readonly example: Example | undefined;
}

export interface Example {
  /** TypeScript: the function of a plan, `({ caller }) => { ... }`, or that of a view, `({ profile }) => ...`. */
  readonly code: string;
  /** Result as JSON, from the comment below the code. */
  readonly result: string;
  readonly line: number;
  /** True if the code is the function of a plan; otherwise it is the function of a view. */
  readonly isPlan: boolean;
}

/** `### \`word\`` headings of a page with their text and their example. */
export function sectionsOf(page: string): readonly Section[] {
  const lines = readFileSync(join(workspaceRoot, page), 'utf8').split('\n');
  const heads = lines.flatMap((line, at) => {
    const word = /^### `(\w+)`$/.exec(line)?.[1];
    return word === undefined ? [] : [{ word, at }];
  });
  return heads.map(({ word, at }) => {
    const end = lines.findIndex((line, other) => other > at && /^#{1,3} /.test(line));
    const own = lines.slice(at + 1, end < 0 ? lines.length : end);
    const isPlan = lines.slice(0, at).findLast((line) => line.startsWith('## ')) === '## Words of plans';
    return { word, text: own.join('\n'), line: at + 1, example: exampleIn(own, at + 2, isPlan) };
  });
}

function exampleIn(lines: readonly string[], firstLine: number, isPlan: boolean): Example | undefined {
  const begin = lines.indexOf('```ts');
  const end = lines.indexOf('```', begin);
  if (begin < 0 || end < 0) return undefined;
  const block = lines.slice(begin + 1, end);
  const at = block.findIndex((line) => line.startsWith('// {') || line === '// ?');
  const result = block.slice(at).map((line) => line.replace(/^\/\/ ?/, ''));
  return { code: block.slice(0, at).join('\n'), result: result.join('\n'), line: firstLine + begin + 1, isPlan };
}

/** The shared plan of the examples: the first block of code of the page. */
export function sharedPlanOf(page: string): string {
  return /```ts\n([\s\S]*?)```/.exec(readFileSync(join(workspaceRoot, page), 'utf8'))?.[1] ?? '';
}
