import { parse, stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WorkspaceCopy } from './workspace-copy.js';

const apps = ['mobile', 'partner', 'web'];
const stored = 'libs/upstreams/orders/openapi.yaml';

/** The node at a path of an OpenAPI document. */
function at(document: unknown, ...path: readonly string[]): Record<string, unknown> {
  return path.reduce<unknown>((node, key) => Object(node)[key], document) as Record<string, unknown>;
}
const schema = (document: unknown, name: string): Record<string, unknown> =>
  at(document, 'components', 'schemas', name);
const member = (document: unknown, name: string, key: string): Record<string, unknown> =>
  at(schema(document, name), 'properties', key);
const without = (list: unknown, value: string): unknown[] =>
  Array.isArray(list) ? list.filter((one) => one !== value) : [];

/** Kinds of changes of the contract of orders, and the screens that break. */
const changes: readonly (readonly [kind: string, change: (document: unknown) => void])[] = [
  ['a field that screens send is gone', (d) => {
    delete at(schema(d, 'Order'), 'properties')['number'];
    schema(d, 'Order')['required'] = without(schema(d, 'Order')['required'], 'number');
  }],
  ['a field that no screen reads is gone', (d) => {
    delete at(schema(d, 'Order'), 'properties')['cancelledBecause'];
  }],
  ['a field has another type', (d) => void (member(d, 'Order', 'number')['type'] = 'integer')],
  ['a parameter is new and required', (d) => {
    const parameters = at(d, 'paths', '/orders', 'get')['parameters'];
    if (Array.isArray(parameters)) parameters.push({ name: 'region', in: 'query', required: true, schema: { type: 'string' } });
  }],
  ['a parameter is new and may be sent', (d) => {
    const parameters = at(d, 'paths', '/orders', 'get')['parameters'];
    if (Array.isArray(parameters)) parameters.push({ name: 'region', in: 'query', schema: { type: 'string' } });
  }],
  ['an operation is gone', (d) => void delete at(d, 'paths', '/orders/{id}')['get']],
  ['an operation that no screen calls is gone', (d) => void delete at(d, 'paths')['/orders/{id}/cancellation']],
  ['an enum has one more value', (d) => void (schema(d, 'OrderStatus')['enum'] as unknown[]).push('LOST')],
  ['a field may be null', (d) => void (member(d, 'Order', 'number')['type'] = ['string', 'null'])],
  ['a field is no longer required', (d) => void (schema(d, 'Order')['required'] = without(schema(d, 'Order')['required'], 'createdAt'))],
  ['a field that the plan sends on may be null', (d) => void (member(d, 'Order', 'parcelId')['type'] = ['string', 'null'])],
  ['a field has another format', (d) => void (member(d, 'Order', 'createdAt')['format'] = 'date')],
  ['a bound of a response moves', (d) => void (member(d, 'OrderLine', 'quantity')['minimum'] = 0)],
  ['the body has one more required member', (d) => {
    at(schema(d, 'NewOrder'), 'properties')['channel'] = { type: 'string' };
    (schema(d, 'NewOrder')['required'] as unknown[]).push('channel');
  }],
  ['a response has one more field', (d) => {
    at(schema(d, 'Order'), 'properties')['weight'] = { type: 'integer' };
  }],
  ['an operation has another name', (d) => void (at(d, 'paths', '/orders/{id}', 'get')['operationId'] = 'readOrder')],
]; // prettier-ignore

interface Finding {
  readonly verdict: string;
  readonly bff: string;
}

/** Each kind takes a build of all apps: `FRONTAGE_ALL_CHANGES=1` tries all of them, otherwise one of each verdict is tried. */
const usual = new Set(['a field that screens send is gone', 'a field that no screen reads is gone', 'a parameter is new and required']); // prettier-ignore
const tried = process.env['FRONTAGE_ALL_CHANGES'] === undefined ? changes.filter(([kind]) => usual.has(kind)) : changes;

describe('frontage impact', () => {
  let copy: WorkspaceCopy;
  let original = '';
  beforeAll(async () => {
    copy = await WorkspaceCopy.whole(['apps', 'CODEOWNERS']);
    original = await copy.read(stored);
    expect(await copy.frontage('build')).toMatchObject({ code: 0 });
  }, 240_000);
  afterAll(() => copy.remove());

  it.each(tried)(
    'agrees with the compiler and the promises of the apps where %s',
    async (_kind, change) => {
      const document: unknown = parse(original);
      change(document);
      await copy.write('changed.yaml', stringify(document));
      const { code, out, errors } = await copy.frontage('impact', 'orders', 'changed.yaml', '--json');
      const answer = JSON.parse(out || errors) as { readonly findings: readonly Finding[] };
      const broken = new Set(answer.findings.filter(({ verdict }) => verdict === 'breaks').map(({ bff }) => bff));
      expect(code).toBe(broken.size > 0 ? 1 : 0);

      await copy.write(stored, stringify(document));
      expect(await copy.frontage('upstream', 'update', 'orders', '--stored')).toMatchObject({ code: 0 });
      const found = new Set<string>();
      for (const app of apps) if (await breaks(copy, app)) found.add(app);
      await copy.write(stored, original);
      await copy.frontage('upstream', 'update', 'orders', '--stored');
      expect([...broken].toSorted(), out).toEqual([...found].toSorted());
    },
    240_000,
  );
});

/** The app does not compile, or promises something else that breaks its clients. */
async function breaks(copy: WorkspaceCopy, app: string): Promise<boolean> {
  const { out } = await copy.frontage('accept', app, '--check', '--json');
  const answer = JSON.parse(out) as {
    readonly error?: { readonly message: string };
    readonly changes?: readonly { readonly breaking: boolean }[];
  };
  if (answer.changes !== undefined) return answer.changes.some(({ breaking }) => breaking);
  return /does not compile|breaks/.test(answer.error?.message ?? '');
}
