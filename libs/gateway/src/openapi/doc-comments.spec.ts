import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import ts from 'typescript';
import { commentAbove, DocComments, wordsOf } from './doc-comments.js';

const source = `
/** Not of a method. */
@Controller('orders')
export class OrderController {
  /** Lists what the caller ordered. Newest first. */
  @Get()
  @Access({ scope: 'order:read', note: ') and (' }) // two brackets
  list() {
    /** Inside. */
    return this.show('');
  }

  /**
   * Shows one order, see {@link list}.
   *
   * Lines of one paragraph
   * are joined:
   * - a list stays
   * - as it is
   * @param id of the order
   */
  @Get(':id')
  public async show<T>(@Param('id') id: string): Promise<T> {
    return id as T;
  }

  /** Of a member. */
  readonly other = 1;

  @Get('silent')
  silent() {}

  /***/
  @Get('empty')
  empty() {}

  // A remark is no doc comment.
  @Get('remark')
  remark() {}
}

export class Other {
  /** Of another class. */
  list() {}
}
`;
const compiled = ts.transpileModule(source, {
  compilerOptions: { experimentalDecorators: true, target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
}).outputText;

describe.each([
  ['TypeScript', source],
  ['JavaScript that was compiled from it', compiled],
])('the comment above a method, in %s', (_, text) => {
  it.each([
    ['OrderController', 'list', 'Lists what the caller ordered. Newest first.'],
    [
      'OrderController',
      'show',
      'Shows one order, see list.\n\nLines of one paragraph are joined:\n- a list stays\n- as it is',
    ],
    ['OrderController', 'silent', undefined],
    ['OrderController', 'empty', undefined],
    ['OrderController', 'remark', undefined],
    ['OrderController', 'missing', undefined],
    ['Other', 'list', 'Of another class.'],
    ['Nowhere', 'list', undefined],
    ['Order', 'list', undefined],
  ])('%s.%s', (controller, method, words) => {
    expect(commentAbove(text, controller, method)).toBe(words);
  });
});

it('is read from the file that is named, and is none where that cannot be read', () => {
  const own = new URL('doc-comments.ts', import.meta.url).pathname;
  expect(new DocComments().above(own, 'DocComments', 'above')).toMatch(/^The text above a method;/);
  expect(readFileSync(own, 'utf8')).toContain('class DocComments');
  expect(new DocComments().above('/nowhere/at/all.ts', 'DocComments', 'above')).toBeUndefined();
  expect(new DocComments().above(undefined, 'DocComments', 'above')).toBeUndefined();
});

it('makes the first sentence the summary, and the text the description where it says more', () => {
  expect(wordsOf('Lists orders.')).toEqual({ summary: 'Lists orders' });
  expect(wordsOf('Lists orders. Newest first.')).toEqual({
    summary: 'Lists orders',
    description: 'Lists orders. Newest first.',
  });
  expect(wordsOf('Orders of version 1.2 of it\n\nMore')).toEqual({
    summary: 'Orders of version 1.2 of it',
    description: 'Orders of version 1.2 of it\n\nMore',
  });
  expect([wordsOf(''), wordsOf(undefined)]).toEqual([{}, {}]);
});
