import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import * as words from '@frontage/aggregation';
import { failure, ManualClock, reply, runPlan, runScreen, workspaceRoot, type Reply } from '@frontage/testing';
import * as carts from '@frontage/upstreams/carts';
import * as catalogue from '@frontage/upstreams/catalogue';
import * as content from '@frontage/upstreams/content';
import * as inventory from '@frontage/upstreams/inventory';
import * as orders from '@frontage/upstreams/orders';
import * as shipping from '@frontage/upstreams/shipping';
import * as users from '@frontage/upstreams/users';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { sectionsOf, sharedPlanOf, type Example } from './page-examples.js';

const page = 'docs/plans-and-views.md';
const sections = sectionsOf(page);
const shared = sharedPlanOf(page);

/** Exports for the gateway, for tests and for tools: no words of plans and views. */
const machinery = new Set([
  'compilePlan',
  'compileScreen',
  'declaredScreens',
  'LastGoodMemory',
  'projectionCounts',
  'requiredInputs',
  'callOf',
  'callsOf',
  'isGiven',
  'bodyMediaOf',
  'formMembersOf',
  'fileMistakes',
  'isContractInput',
  'parametersOf',
  'inputReads',
  'originLines',
]);

const services = { users, orders, content, catalogue, inventory, shipping, carts };
const scope: Readonly<Record<string, unknown>> = { ...words, ...services, z };

const planOf = (code: string): string =>
  `plan('example', { input: { caller: given<Caller>(), query: z.object({ least: z.number() }), body: z.object({ sku: z.string() }) }, deadlineMs: 800 }, ${code})`;
const screenOf = (code: string): string => `screen(shopPlan, ${code})`;
const sourceOf = (example: Example): string => {
  const code = example.code.trim().replace(/;$/, '');
  return example.isPlan ? planOf(code) : screenOf(code);
};

/** The page as one file, for the compiler. */
function wholeSource(): string {
  const imports = Object.keys(services).map((name) => `import * as ${name} from '@frontage/upstreams/${name}';`);
  const names = Object.keys(words).filter((name) => !machinery.has(name));
  return [
    ...imports,
    `import { ${names.join(', ')} } from '@frontage/aggregation';`,
    "import type { Caller } from '@frontage/auth';",
    "import { z } from 'zod';",
    shared,
    ...sections.flatMap(({ word, example }) =>
      example === undefined ? [] : [`export const example_${word} = ${sourceOf(example)};`],
    ),
  ].join('\n');
}

function evaluated(expression: string): unknown {
  const { outputText } = ts.transpileModule(`${shared}\nexport const made = ${expression};`, {
    compilerOptions: { target: ts.ScriptTarget.ES2024, module: ts.ModuleKind.ESNext },
  });
  const body = `${outputText.replace('export const made', 'const made').replaceAll(/^export \{.*\};$/gm, '')}\nreturn made;`;
  const run = compileFunction(body, Object.keys(scope));
  return Reflect.apply(run, undefined, Object.values(scope));
}

const money = (amount: number) => ({ amount, currency: 'EUR' });
const order = (id: string, customerId: string, amount: number, parcelId: string) => ({
  id,
  number: `N-${id}`,
  customerId,
  status: 'SHIPPED',
  createdAt: `2026-01-0${id.slice(2)}T00:00:00Z`,
  total: money(amount),
  parcelId,
  lines: [{ sku: 'S-1', name: 'Lamp', quantity: 2, total: money(amount) }],
});
const profile = {
  id: 'ada',
  name: 'Ada',
  points: 120,
  tier: 'GOLD',
  phone: null,
  avatar: { url: 'ada.webp', width: 64, height: 64 },
  nickname: 'countess',
  email: 'ada@example.com',
};
const replies = {
  profile: reply(profile),
  recent: reply({ items: [order('o-1', 'ada', 4200, 'p-1'), order('o-2', 'ada', 990, 'p-2')], next: null, total: 2 }),
  stock: reply({
    items: [
      { sku: 'S-1', available: 3, state: 'LOW', restockOn: null, warehouses: [], updatedAt: '2026-01-01T00:00:00Z' },
    ],
    unknown: [],
  }),
  banners: failure(503),
  categories: reply({ items: [] }),
  order: reply({ id: 'o-9' }, { headers: { Location: '/orders/o-9' } }),
  placed: reply(
    { id: 'o' },
    { headers: ({ body }) => ({ Location: JSON.stringify(body).includes('S-1') ? '/orders/o-1' : '/orders/o-2' }) },
  ),
  help: reply({
    slug: 'help',
    title: 'Help',
    blocks: [
      { kind: 'text', heading: 'Hours', markdown: '9 to 5' },
      { kind: 'image', alt: 'Map', images: [] },
    ],
  }),
  parcels: reply(({ path }) => ({ id: path?.['id'], state: 'IN_TRANSIT', eta: null })),
  cart: reply({ id: 'c-1', lines: [], itemCount: 1, version: 2 }),
  added: failure(409, { type: 'about:blank', title: 'Sold out', status: 409, sku: 'S-1', available: 3 }),
  products: reply(({ query }) =>
    query?.['cursor'] === undefined
      ? { items: [{ id: 'p-1', name: 'Lamp' }], next: 'c-2' }
      : { items: [{ id: 'p-2', name: 'Desk' }], next: null },
  ),
};
const input = { caller: { subject: 'ada' }, query: { least: 1000 }, body: { sku: 'S-1' } };
/** The replies to these parts; a part of an included plan has the reply of its own name. */
const repliesTo = (names: readonly string[]): Record<string, Reply<unknown>> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const own = name.replace(/^shop([A-Z])/, (_, letter: string) => letter.toLowerCase());
      return Object.entries(replies).flatMap(([part, one]) => (part === own ? [[name, one] as const] : []));
    }),
  );

async function resultOf(example: Example): Promise<unknown> {
  const made = evaluated(sourceOf(example));
  if (!example.isPlan) {
    const run = await runScreen(made as words.Screen<unknown>, input, replies);
    if (!('body' in run)) return run;
    const { _parts, ...view } = JSON.parse(run.body);
    expect(_parts).toEqual({ banners: { status: 'error', source: 'none' } });
    return view;
  }
  const built = made as words.AnyPlan;
  const run = await runPlan(built, input, repliesTo(built.parts.map(({ name }) => name)));
  if (run.kind !== 'finished')
    return run.kind === 'refused' ? { status: run.status, code: run.code, ...run.members } : run;
  return plain(run.parts);
}

/** A description needs no service. */
const unbound: words.Bind = () => () => {
  throw new Error('nothing is called');
};

/** A table is shown as an object. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, member: unknown) => (member instanceof Map ? Object.fromEntries(member) : member)),
  );

describe(page, () => {
  it('has a section for every word that plans and views export, and no other', () => {
    const exported = Object.keys(words).filter((name) => !machinery.has(name));
    const explained = sections.map(({ word }) => word);
    // A new word gets a section `### \`word\`` with its signature, an example with its result, its cost, and its failure.
    expect(explained.toSorted()).toEqual(exported.toSorted());
  });

  it.each(sections)(
    'says of $word how it is written, what it costs, and what a client sees when it fails',
    (section) => {
      expect(section.text).toMatch(new RegExp(`^\`{1,2} ?${section.word}[(<\`\\\\]`, 'm'));
      expect(section.text).toMatch(/^- Cost: \S/m);
      expect(section.text).toMatch(/^- Failure: \S/m);
      expect(section.example?.result).toMatch(/^\{/);
    },
  );

  it('has examples that compile', () => {
    const file = join(workspaceRoot, 'test/pages/examples.generated.ts');
    const { config } = ts.readConfigFile(join(workspaceRoot, 'tsconfig.test.json'), (name) => ts.sys.readFile(name));
    const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [file] }, ts.sys, workspaceRoot);
    const host = ts.createCompilerHost(options);
    const [parse, exists] = [host.getSourceFile.bind(host), host.fileExists.bind(host)];
    host.fileExists = (name) => name === file || exists(name);
    host.getSourceFile = (name, language, ...rest) =>
      name === file ? ts.createSourceFile(name, wholeSource(), language, true) : parse(name, language, ...rest);
    const program = ts.createProgram([file], options, host);
    const source = program.getSourceFile(file);
    const wrong = program.getSemanticDiagnostics(source).map(({ start = 0, messageText }) => {
      const line = source?.text.slice(source.text.lastIndexOf('\n', start) + 1).split('\n')[0];
      return `${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
    expect(wrong).toEqual([]);
  }, 60_000);

  it.each(sections.filter(({ example }) => example?.isPlan === false))(
    'says of $word whether bytes are copied, as the description of its example does',
    ({ text, example }) => {
      const made = example === undefined ? undefined : evaluated(sourceOf(example));
      const compiled = words.compileScreen(made as words.Screen<unknown>, { clock: new ManualClock(), bind: unbound });
      const computed = compiled.describe().view.members.filter(({ how }) => how === 'computed');
      const cost = /^- Cost: (copied|parsed|none)/m.exec(text)?.[1];
      expect({ cost, computed }).toMatchObject(
        computed.length === 0 ? { cost: expect.stringMatching(/copied|none/) } : { cost: 'parsed' },
      );
    },
  );

  it.each(sections.flatMap(({ word, example }) => (example === undefined ? [] : [{ word, example }])))(
    'has the result of the example of $word',
    async ({ example }) => {
      const result = await resultOf(example);
      const expected: object = JSON.parse(example.result);
      if (example.isPlan) expect(result).toMatchObject(expected);
      else expect(result).toEqual(expected);
    },
  );
});
