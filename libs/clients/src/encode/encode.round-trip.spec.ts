import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operationInfo, readContract } from '@frontage/contracts';
import { systemClock, type ParameterPlace, type ParameterSpec, type ParameterStyle } from '@frontage/core';
import { createSandbox, type OperationRequest, type Sandbox } from '@frontage/sandbox';
import { operation, scopeOf } from '../fixtures/operations.js';
import { createUpstream, type BoundOperation, type Upstream } from '../index.js';

const styles: Readonly<Record<ParameterPlace, readonly ParameterStyle[]>> = {
  path: ['simple', 'label', 'matrix'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
  header: ['simple'],
  cookie: ['form'],
};
const schemas = {
  string: { type: 'string' },
  number: { type: 'number' },
  boolean: { type: 'boolean' },
  array: { type: 'array', items: { type: 'string' } },
  numbers: { type: 'array', items: { type: 'integer' } },
  object: { type: 'object', properties: { a: { type: 'string' }, 'b/c': { type: 'string' }, n: { type: 'number' } } },
};
type Kind = keyof typeof schemas;

interface Case {
  readonly id: string;
  readonly kind: Kind;
  readonly spec: ParameterSpec;
}

/** Every way of a parameter that OpenAPI 3.1 section 4.8.12.3 defines, and one of every kind as JSON in `content`. */
const cases: readonly Case[] = (Object.keys(styles) as ParameterPlace[])
  .filter((place) => place !== 'cookie')
  .flatMap((place) =>
    (Object.keys(schemas) as Kind[]).flatMap((kind) => {
      const base = { name: 'p', in: place, required: true as const };
      const styled = styles[place].flatMap((style) =>
        [true, false]
          .filter((explode) => isDefined(style, explode, kind))
          .map((explode) => ({ ...base, style, explode })),
      );
      return [...styled, { ...base, content: 'application/json' }].map((spec, index) => ({
        id: `${place}_${kind}_${index}`,
        kind,
        spec,
      }));
    }),
  );

function isDefined(style: ParameterStyle, explode: boolean, kind: Kind): boolean {
  if (style === 'deepObject') return explode && kind === 'object';
  const isDelimited = style === 'spaceDelimited' || style === 'pipeDelimited';
  return !isDelimited || (!explode && (kind === 'array' || kind === 'numbers' || kind === 'object'));
}

const kindOf = ({ spec }: Case): string =>
  spec.content === undefined ? `${spec.style}, explode ${spec.explode}` : 'content JSON';

const folder = mkdtempSync(join(tmpdir(), 'round-trip-'));
let sandbox: Sandbox;
let upstream: Upstream;
let seen: OperationRequest | undefined;
let calls: ReadonlyMap<string, BoundOperation>;

beforeAll(async () => {
  const file = join(folder, 'openapi.json');
  const paths = Object.fromEntries(
    cases.map(({ id, kind, spec: { content, ...spec } }) => {
      const value =
        content === undefined ? { schema: schemas[kind] } : { content: { [content]: { schema: schemas[kind] } } };
      const get = { operationId: id, parameters: [{ ...spec, ...value }], responses: { 204: { description: 'none' } } };
      return [spec.in === 'path' ? `/${id}/{p}` : `/${id}`, { get }];
    }),
  );
  writeFileSync(file, JSON.stringify({ openapi: '3.1.0', info: { title: 'Round', version: '1' }, paths }));
  const contract = await readContract(file, { lint: false });
  const behaviour = Object.fromEntries(
    cases.map(({ id }) => [
      id,
      (request: OperationRequest) => {
        seen = request;
        return { status: 204 };
      },
    ]),
  );
  sandbox = await createSandbox({ contracts: [{ upstream: 'round', file }], behaviours: { round: behaviour } });
  upstream = createUpstream('round', { urls: [`${sandbox.url}/round`], timeoutMs: 5_000 }, { clock: systemClock });
  calls = new Map(
    contract.operations.map((each) => [
      each.id,
      upstream.executor({ ...operationInfo(each), contract: operation().contract }),
    ]),
  );
});
afterAll(async () => {
  await upstream.close();
  await sandbox.close();
  rmSync(folder, { recursive: true });
});

const text = fc
  .oneof(
    fc.string({ unit: 'binary' }),
    fc.stringMatching(/^[a-z0-9._~-]{1,8}$/),
    fc.stringMatching(/^[a-z0-9._~-]{1,8}$/),
    fc.constantFrom('', ' ', '.', '..', 'a/b', '?x=1', '#', '&p=2', '%2F', '\r\nx: y', ',', ';', '|', '=', '+', 'ä😀'),
  )
  .filter((value) => value.isWellFormed());
const numbers = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value || 0),
);
const values: Readonly<Record<Kind, fc.Arbitrary<unknown>>> = {
  string: text,
  number: numbers,
  boolean: fc.boolean(),
  array: fc.array(text, { minLength: 2, maxLength: 4 }),
  numbers: fc.array(fc.integer(), { minLength: 2 }),
  object: fc.record({ a: text, 'b/c': text, n: numbers }),
};

describe('a server made from the same document sees exactly the values that were sent', () => {
  it.each(cases.map((each) => [`${each.spec.in} ${each.kind} as ${kindOf(each)}`, each] as const))(
    '%s',
    async (_name, { id, kind, spec }) => {
      const call = calls.get(id);
      if (call === undefined) throw new Error(`${id} was not generated`);
      let arrived = 0;
      await fc.assert(
        fc.asyncProperty(values[kind], async (value) => {
          seen = undefined;
          const outcome = await call({ [spec.in]: { p: value } }, scopeOf());
          if (!outcome.ok) {
            // A value without exactly one spelling at its place is refused before it is sent, and never changed.
            expect([outcome.code, outcome.unsent, seen]).toEqual(['GW_INVALID_INPUT', true, undefined]);
            return;
          }
          arrived++;
          expect(groupOf(seen, spec.in)).toEqual({ p: value });
        }),
        { numRuns: 60 },
      );
      expect(arrived).toBeGreaterThan(0);
    },
  );
});

function groupOf(request: OperationRequest | undefined, place: ParameterPlace): unknown {
  return place === 'cookie' ? undefined : request?.[place];
}
