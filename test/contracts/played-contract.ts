import { createUpstream, SchemaTable, type BoundOperation, type Contract } from '@frontage/clients';
import { RequestContext, type CallScope } from '@frontage/context';
import { operationInfo, readContract, type ContractDocument, type OperationDescription } from '@frontage/contracts';
import { mediaKind, systemClock, type CallArgs, type JsonSchema, type Outcome } from '@frontage/core';
import { ContractSamples } from '@frontage/sandbox';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import type { PublishedDocument } from './published-documents.js';
import { argumentsFor } from './sample-arguments.js';

/** The result of the calls of all operations of one document. */
export interface Played {
  readonly document: PublishedDocument;
  /** Operations that the contract reader describes. */
  readonly described: number;
  /** Of those that were tried, the operations whose contract declares a redirect and no success: no call can succeed. */
  hopeless: number;
  called: number;
  answered: number;
  valid: number;
  readonly failures: Map<string, string>;
  milliseconds: number;
}

/**
 * Calls each operation of a document once per media type of its body: our client sends the request, the sandbox responds, and each has
 * read the contract on its own.
 * @param url address of the sandbox
 */
export async function playContract(published: PublishedDocument, url: string): Promise<Played> {
  const began = performance.now();
  const { name, file, everyNth } = published;
  const document = await readContract(file, { lint: false });
  const contract: Contract = {
    upstream: name,
    title: document.title,
    version: document.version,
    schemas: new SchemaTable([...document.schemas].map(([key, schema]) => [key, JSON.stringify(schema)])),
  };
  // The sandbox serves the operations of all servers.
  const options = { urls: [`${url}/${name}`], timeoutMs: 10_000, contractServers: 'ignore' } as const;
  const upstream = createUpstream(name, options, { clock: systemClock });
  const row: Played = {
    document: published,
    described: document.operations.length,
    hopeless: 0,
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
  for (const operation of document.operations.filter((_, index) => index % everyNth === 0)) {
    const { responses } = operation;
    const succeeds = responses.some(({ status }) => status.startsWith('2') || status === 'default');
    if (!succeeds && responses.some(({ status }) => status.startsWith('3') && status !== '304')) {
      row.hopeless += 1;
      continue;
    }
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
  const ajv = new Ajv2020({
    strict: false,
    logger: false,
    code: { regExp: eitherDialect, optimize: false },
    validateSchema: false,
  });
  ajvFormats.default(ajv);
  ajv.addSchema({ $id: 'document', components: { schemas: Object.fromEntries(document.schemas) } });
  return (operation, value) => {
    const good = operation.responses
      .filter(({ status }) => /^(2|default)/.test(status))
      .toSorted((a, b) => a.status.localeCompare(b.status))[0];
    const [media] = good?.media ?? [];
    if (media === undefined || operation.method === 'HEAD')
      return value === undefined ? [] : ['a body where none is declared'];
    const kind = mediaKind(media.media);
    if (kind === 'binary') return Buffer.isBuffer(value) && value.length > 0 ? [] : ['no bytes'];
    if (kind !== 'json' && kind !== 'ndjson') return typeof value === 'string' && value !== '' ? [] : ['no text'];
    if (media.schemaName === undefined) return [];
    const validate = ajv.getSchema(`document#/components/schemas/${encodeURIComponent(media.schemaName)}`);
    if (validate === undefined) return ['no schema'];
    return validate(value) === true ? [] : [ajv.errorsText(validate.errors).slice(0, 400)];
  };
}

/** Patterns of contracts are written with the flag `u` in mind, or without it. */
const eitherDialect = Object.assign(
  (pattern: string): RegExp => {
    try {
      return new RegExp(pattern, 'u');
    } catch {
      return new RegExp(pattern);
    }
  },
  { code: 'new RegExp' },
);
