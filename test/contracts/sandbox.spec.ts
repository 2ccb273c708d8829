import { createSandbox, type Sandbox } from '@frontage/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { playContract, type Played } from './played-contract.js';
import { publishedDocuments } from './published-documents.js';

const [specs, contracts, trials, further] = [
  publishedDocuments('specs'),
  publishedDocuments('contracts'),
  publishedDocuments('trials', { largest: 400_000, everyNth: 12 }),
  publishedDocuments('further'),
];
const isThere = specs.length > 0;
if (!isThere) process.stderr.write(`SKIPPED: the sandbox does not play published contracts, since there are none\n`);

/** Operations that no sandbox and no client can handle, with the reason. */
const exceptions: Readonly<Record<string, string>> = {
  'heyapi-case-3-0.getFoo': 'takes a body that must contain itself: no finite value fits',
  'readme-parameters-style-3-1.query_spaceDelimited_nonExploded':
    'separates items by spaces, and the sample has one inside an item: no encoding tells them apart',
};

/** The same for documents of which some operations are tried. */
const exceptionsOfTrials: Readonly<Record<string, string>> = Object.fromEntries([
  ...['create_campaign', 'get_campaign', 'update_campaign', 'create_campaign_clone'].map((id) => [
    `klaviyo.${id}`,
    'has exactly one of three kinds, which are the same schema: a value that fits one fits all',
  ]),
  [
    'klaviyo.assign_template_to_campaign_message',
    'has exactly one of two kinds that require nothing: a value that fits one fits both',
  ],
  ['intercom.createConversation', 'takes a UUID of at most 24 characters'],
  ['box.post_oauth2_revoke', 'requires a member whose schema says nothing, in a form'],
  ...[
    'put_metadata_templates_enterprise_securityClassification6VMVochwUWo_schemaUpdate',
    'post_metadata_templates_schemaClassifications',
    'get_shared_itemsFolders',
    'get_shared_itemsWeb_links',
    'get_shared_itemsApp_items',
    'put_folders_idRemove_shared_link',
    'put_web_links_idRemove_shared_link',
  ].map((id) => [`box.${id}`, 'differs from another operation in the fragment of its path alone, which is never sent']),
]);

describe.skipIf(!isThere)('the sandbox plays published contracts', { timeout: 300_000 }, () => {
  const rows = new Map<readonly unknown[], Played[]>();
  let sandbox: Sandbox;

  beforeAll(async () => {
    const all = [...specs, ...contracts, ...trials, ...further];
    const files = all.map(({ name, file }) => ({ upstream: name, file }));
    sandbox = await createSandbox({ contracts: files, behaviours: {} });
    for (const documents of [specs, contracts, trials, further]) {
      const played: Played[] = [];
      for (const document of documents) played.push(await playContract(document, sandbox.url));
      rows.set(documents, played);
    }
    process.stdout.write(table([...rows.values()].flat()));
  }, 1_200_000);

  afterAll(() => sandbox.close());

  const failuresOf = (documents: readonly unknown[]): ReadonlyMap<string, string> =>
    new Map((rows.get(documents) ?? []).flatMap(({ failures }) => [...failures]));

  it('to the client made from the same document, with responses that their schemas accept', () => {
    expect(rows.get(specs)?.length).toBeGreaterThan(15);
    const failed = failuresOf(specs);
    const unexplained = [...failed].filter(([operation]) => exceptions[operation] === undefined);
    expect(unexplained).toEqual([]);
    expect([...failed.keys()]).toEqual(Object.keys(exceptions));
  });

  it.runIf(contracts.length > 0)('to the same client where each contract is one unusual case', () => {
    expect(rows.get(contracts)?.reduce((sum, { valid }) => sum + valid, 0)).toBeGreaterThan(25);
    expect([...failuresOf(contracts)]).toEqual([]);
  });

  it.runIf(trials.length > 0)('to the same client in large documents, of which some operations are tried', () => {
    expect([...failuresOf(trials)].filter(([operation]) => exceptionsOfTrials[operation] === undefined)).toEqual([]);
  });
});

function table(rows: readonly Played[]): string {
  const line = (cells: readonly (string | number)[]): string =>
    cells.map((cell, index) => (index === 0 ? String(cell).padEnd(44) : String(cell).padStart(10))).join(' ') + '\n';
  const sum = (key: 'described' | 'hopeless' | 'called' | 'answered' | 'valid' | 'milliseconds'): number =>
    rows.reduce((total, row) => total + row[key], 0);
  const seconds = (milliseconds: number): string => (milliseconds / 1_000).toFixed(1);
  const why = (id: string, text: string): string => exceptions[id] ?? exceptionsOfTrials[id] ?? text;
  return [
    line(['document', 'operations', 'no success', 'called', 'answered', 'valid', 'seconds']),
    ...rows.map((row) =>
      line([
        row.document.name,
        row.described,
        row.hopeless,
        row.called,
        row.answered,
        row.valid,
        seconds(row.milliseconds),
      ]),
    ),
    line([
      '',
      sum('described'),
      sum('hopeless'),
      sum('called'),
      sum('answered'),
      sum('valid'),
      seconds(sum('milliseconds')),
    ]),
    ...rows.flatMap(({ failures }) => [...failures].map(([id, text]) => `  ${id}: ${why(id, text)}\n`)),
  ].join('');
}
