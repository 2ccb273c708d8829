import { createUpstream, SchemaTable, type BoundOperation, type Contract } from '@frontage/clients';
import { RequestContext, type CallScope } from '@frontage/context';
import { operationInfo, readContract, type ContractDocument, type OperationDescription } from '@frontage/contracts';
import { mediaKind, systemClock, type CallArgs, type JsonSchema, type Outcome } from '@frontage/core';
import { ContractSamples, createSandbox, type Sandbox } from '@frontage/sandbox';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workspace } from './compile.js';
import { argumentsFor } from './sample-arguments.js';

const specs = join(workspace, '../shared/specs');
const isThere = existsSync(specs);
if (!isThere)
  process.stderr.write(`SKIPPED: the sandbox does not play published contracts, since ${specs} is missing\n`);

/** Operations that no sandbox and no client can handle, with the reason. */
const exceptions: Readonly<Record<string, string>> = {
  'discourse-3-1.getTopicByExternalId': 'declares a redirect as its only answer, and redirects are not followed',
  'heyapi-case-3-0.getFoo': 'takes a body that must contain itself: no finite value fits',
  'readme-parameters-style-3-1.query_spaceDelimited_nonExploded':
    'separates items by spaces, and the sample has one inside an item: no encoding tells them apart',
  'telegram-bot-3-0.getChatAdministrators': oneOfTwins(),
  'telegram-bot-3-0.getChatMember': oneOfTwins(),
  'telegram-bot-3-0.getUpdates': oneOfTwins(),
};

function oneOfTwins(): string {
  return 'answers with exactly one of six kinds, two of which are the same schema: whatever fits the one fits the other';
}

interface Row {
  readonly file: string;
  operations: number;
  called: number;
  answered: number;
  valid: number;
  readonly failures: Map<string, string>;
  milliseconds: number;
}

/** Each body that an operation takes is one call: our client sends the request, the sandbox responds, and each has read the contract on its own. */
describe.skipIf(!isThere)('the sandbox plays published contracts', { timeout: 120_000 }, () => {
  const rows: Row[] = [];
  let sandbox: Sandbox;

  beforeAll(async () => {
    const files = documents();
    const contracts = files.map((file) => ({ upstream: nameOf(file), file: join(specs, file) }));
    sandbox = await createSandbox({ contracts, behaviours: {} });
    for (const file of files) rows.push(await played(file, sandbox.url));
    process.stdout.write(table(rows));
  }, 120_000);

  afterAll(() => sandbox.close());

  it('to the client made from the same document, with responses that their schemas accept', () => {
    expect(rows.length).toBeGreaterThan(15);
    const failed = new Map(rows.flatMap(({ failures }) => [...failures]));
    const unexplained = [...failed].filter(([operation]) => exceptions[operation] === undefined);
    expect(unexplained).toEqual([]);
    expect([...failed.keys()]).toEqual(Object.keys(exceptions));
    expect(rows.reduce((sum, { called }) => sum + called, 0)).toBe(
      rows.reduce((sum, { operations }) => sum + operations, 0),
    );
  });
});

function documents(): string[] {
  const files = [...globSync('*.{json,yaml,yml}', { cwd: specs }), ...globSync('*/openapi*.yaml', { cwd: specs })];
  return files.toSorted((a, b) => a.localeCompare(b));
}

const nameOf = (file: string): string =>
  file
    .toLowerCase()
    .replace(/\.\w+$/, '')
    .replaceAll(/[^a-z0-9]+/g, '-');

async function played(file: string, url: string): Promise<Row> {
  const began = performance.now();
  const name = nameOf(file);
  const document = await readContract(join(specs, file), { lint: false });
  const contract: Contract = {
    upstream: name,
    title: document.title,
    version: document.version,
    schemas: new SchemaTable([...document.schemas].map(([key, schema]) => [key, JSON.stringify(schema)])),
  };
  const upstream = createUpstream(name, { urls: [`${url}/${name}`], timeoutMs: 10_000 }, { clock: systemClock });
  const row: Row = {
    file,
    operations: 0,
    called: 0,
    answered: 0,
    valid: 0,
    failures: new Map(),
    milliseconds: 0,
  };
  const accepts = validatorOf(document);
  const samples = new ContractSamples(document);
  const resolve = (reference: string): JsonSchema | undefined =>
    document.components.get(reference.slice('#/components/schemas/'.length));
  row.operations = document.operations.length;
  for (const operation of document.operations) {
    row.called += 1;
    let executor: BoundOperation;
    try {
      executor = upstream.executor({ ...operationInfo(operation), contract });
    } catch (error) {
      row.failures.set(`${name}.${operation.id}`, error instanceof Error ? error.message : String(error));
      continue;
    }
    const wrong: string[] = [];
    let isAnswered = true;
    for (const media of operation.body?.media.map((one) => one.media) ?? [undefined]) {
      const args: CallArgs = argumentsFor(operation, media, samples, resolve);
      const outcome = await executor(args, scope());
      if (!outcome.ok) {
        isAnswered = false;
        wrong.push(`${media ?? ''} ${refusal(outcome)} ${JSON.stringify(args).slice(0, 300)}`);
      } else wrong.push(...accepts(operation, outcome.value));
    }
    if (isAnswered) row.answered += 1;
    if (wrong.length === 0) row.valid += 1;
    else row.failures.set(`${name}.${operation.id}`, wrong.join('; '));
  }
  await upstream.close();
  row.milliseconds = performance.now() - began;
  return row;
}

function scope(): CallScope {
  const context = new RequestContext('request-1', systemClock.now(), 'GET', '127.0.0.1', {});
  return { context, part: 'part', deadlineAt: Number.POSITIVE_INFINITY, cancellation: context.cancellation };
}

function refusal(failure: Exclude<Outcome<unknown>, { ok: true }>): string {
  const { status, detail, declared, upstreamStatus } = failure;
  return `${status} ${upstreamStatus ?? ''} ${detail ?? ''} ${JSON.stringify(declared?.body ?? '').slice(0, 600)}`;
}

/** The mistake in the response to an operation: none, or one sentence. */
function validatorOf(document: ContractDocument): (operation: OperationDescription, value: unknown) => string[] {
  const ajv = new Ajv2020({ strict: false, logger: false, unicodeRegExp: false, validateSchema: false });
  ajvFormats.default(ajv);
  ajv.addSchema({ $id: 'document', components: { schemas: Object.fromEntries(document.schemas) } });
  return (operation, value) => {
    const good = operation.responses
      .filter(({ status }) => /^(2|default)/.test(status))
      .toSorted((a, b) => a.status.localeCompare(b.status))[0];
    const [media] = good?.media ?? [];
    if (media === undefined) return value === undefined ? [] : ['a body where none is declared'];
    const kind = mediaKind(media.media);
    if (kind === 'binary') return Buffer.isBuffer(value) && value.length > 0 ? [] : ['no bytes'];
    if (kind !== 'json' && kind !== 'ndjson') return typeof value === 'string' && value !== '' ? [] : ['no text'];
    if (media.schemaName === undefined) return [];
    const validate = ajv.getSchema(`document#/components/schemas/${encodeURIComponent(media.schemaName)}`);
    if (validate === undefined) return ['no schema'];
    return validate(value) === true ? [] : [ajv.errorsText(validate.errors).slice(0, 400)];
  };
}

function table(rows: readonly Row[]): string {
  const line = (cells: readonly (string | number)[]): string =>
    cells.map((cell, index) => (index === 0 ? String(cell).padEnd(44) : String(cell).padStart(10))).join(' ') + '\n';
  const sum = (key: 'operations' | 'called' | 'answered' | 'valid' | 'milliseconds'): number =>
    rows.reduce((total, row) => total + row[key], 0);
  return [
    line(['document', 'operations', 'called', 'answered', 'valid', 'seconds']),
    ...rows.map((row) =>
      line([row.file, row.operations, row.called, row.answered, row.valid, (row.milliseconds / 1_000).toFixed(1)]),
    ),
    line([
      '',
      sum('operations'),
      sum('called'),
      sum('answered'),
      sum('valid'),
      (sum('milliseconds') / 1_000).toFixed(1),
    ]),
    ...rows.flatMap(({ failures }) => [...failures].map(([id, why]) => `  ${id}: ${exceptions[id] ?? why}\n`)),
  ].join('');
}
