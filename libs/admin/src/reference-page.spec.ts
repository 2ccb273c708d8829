import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { referencePage } from './reference-page.js';

interface Row {
  readonly of: unknown;
  readonly children: readonly unknown[];
}

it('shows the sources of an operation as rows of text, and leaves other extensions to Swagger UI', async () => {
  const script = await referencePage('/docs/start.js', 'tv');
  const made: { plugins?: readonly ((system: object) => { wrapComponents: { OperationExtRow: Wrap } })[] } = {};
  type Wrap = (row: string) => (props: object) => Row | readonly Row[];
  runInNewContext(String(script?.body), { SwaggerUIBundle: (options: object) => Object.assign(made, options) });
  const createElement = (of: unknown, _: unknown, ...children: unknown[]): Row => ({ of, children });
  const row = made.plugins?.[0]?.({ React: { createElement } }).wrapComponents.OperationExtRow('the row of Swagger UI');
  const xVal = { toJS: () => ({ 'user.name': 'users.getUser name; required' }) };
  expect(row?.({ xKey: 'x-frontage-source', xVal })).toEqual([
    {
      of: 'tr',
      children: [
        { of: 'td', children: ['user.name'] },
        { of: 'td', children: ['users.getUser name; required'] },
      ],
    },
  ]);
  expect(row?.({ xKey: 'x-other', xVal: { a: 1 } })).toMatchObject({ of: 'the row of Swagger UI' });
});
