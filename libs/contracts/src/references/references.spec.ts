import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { JsonSchema } from '@frontage/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readContract, type ContractDocument, type ReadContractOptions } from '../read-contract.js';

let root = '';
let count = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'references-'));
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

type Files = Readonly<Record<string, string>>;

async function write(files: Files): Promise<string> {
  const folder = join(root, String(count++));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

async function read(files: Files, options: ReadContractOptions = {}): Promise<ContractDocument> {
  const folder = await write(files);
  const [entry = ''] = Object.keys(files);
  return readContract(join(folder, entry), { cwd: folder, lint: false, ...options });
}

const head = (version: string): string => `openapi: ${version}\ninfo: { title: T, version: "1" }\n`;
/** A document whose only response has this schema. */
const responding = (schema: string, more = '', version = '3.1.0'): string =>
  `${head(version)}paths:\n  /a: { get: { operationId: a, responses: { '200': { description: ok, content: { application/json: { schema: ${schema} } } } } } }\n${more}`;

/** The response with every reference replaced by its schema, so that names do not matter. */
function written({ operations, schemas }: ContractDocument): unknown {
  const write = (value: unknown, depth: number): unknown => {
    if (typeof value !== 'object' || value === null || depth > 12) return value;
    if (Array.isArray(value)) return value.map((item) => write(item, depth + 1));
    const { $ref, ...others } = Object.fromEntries(Object.entries(value));
    const rest = Object.fromEntries(Object.entries(others).map(([key, each]) => [key, write(each, depth + 1)]));
    if (typeof $ref !== 'string') return $ref === undefined ? rest : { ...rest, $ref: write($ref, depth + 1) };
    const target: JsonSchema = schemas.get($ref.slice('#/components/schemas/'.length)) ?? false;
    const found = write(target, depth + 1);
    return typeof found === 'object' ? { ...found, ...rest } : found;
  };
  const name = operations[0]?.responses[0]?.media[0]?.schemaName ?? '';
  return write({ $ref: `#/components/schemas/${name}` }, 0);
}

const names = ({ operations }: ContractDocument): string[] => operations.map(({ id }) => id);
const messages = ({ warnings }: ContractDocument): string[] => warnings.map(({ message }) => message);
const reasons = ({ refused }: ContractDocument): string[] => refused.map(({ reason }) => reason);

const text = { type: 'string' };
const number = { type: 'number' };

interface Case {
  readonly of: string;
  readonly files: Files;
  readonly is: unknown;
  readonly warnings?: readonly unknown[];
}

const cases: readonly Case[] = [
  {
    of: 'a pointer into $defs of the schema around it',
    files: {
      'a.yaml': responding(
        `{ type: array, items: { $ref: '#/$defs/A' }, $defs: { A: { type: object, properties: { b: { $ref: '#/$defs/B' } } }, B: { type: string } } }`,
      ),
    },
    is: { type: 'array', items: { type: 'object', properties: { b: text } } },
    warnings: [
      '#/$defs/A is not in this document; the one of the schema around it is meant',
      '#/$defs/B is not in this document; the one of the schema around it is meant',
    ],
  },
  {
    of: 'definitions beside the reference itself, as generators of JSON Schema write them',
    files: { 'a.yaml': responding(`{ $ref: '#/definitions/A', definitions: { A: { type: string } } }`) },
    is: text,
    warnings: [expect.stringContaining('#/definitions/A is not in this document')],
  },
  {
    of: 'equal names in $defs of two components: each has its own',
    files: {
      'a.yaml': responding(
        `{ $ref: '#/components/schemas/A' }`,
        `components:
  schemas:
    A: { type: object, properties: { x: { $ref: '#/$defs/X' }, b: { $ref: '#/components/schemas/B' } }, $defs: { X: { type: string } } }
    B: { type: object, properties: { x: { $ref: '#/$defs/X' } }, $defs: { X: { type: number } } }
`,
      ),
    },
    is: { type: 'object', properties: { x: text, b: { type: 'object', properties: { x: number } } } },
    warnings: [expect.anything(), expect.anything()],
  },
  {
    of: '$defs of the component by its full pointer',
    files: {
      'a.yaml': responding(
        `{ $ref: '#/components/schemas/A' }`,
        `components: { schemas: { A: { type: array, items: { $ref: '#/components/schemas/A/$defs/X' }, $defs: { X: { type: string } } } } }`,
      ),
    },
    is: { type: 'array', items: text },
  },
  {
    of: 'a pointer through another reference',
    files: {
      'a.yaml': responding(
        `{ $ref: '#/components/schemas/A/properties/b/properties/c' }`,
        `components: { schemas: { A: { type: object, properties: { b: { $ref: '#/components/schemas/B' } } }, B: { type: object, properties: { c: { type: string } } } } }`,
      ),
    },
    is: text,
  },
  {
    of: 'an $id, absolute and relative to another one',
    files: {
      'a.yaml': responding(
        `{ type: object, properties: { a: { $ref: 'https://example.com/schemas/a.json' }, b: { $ref: '#/components/schemas/B' } } }`,
        `components:
  schemas:
    A: { $id: 'https://example.com/schemas/a.json', type: string }
    B: { $id: 'https://example.com/schemas/b.json', type: array, items: { $ref: a.json } }
`,
      ),
    },
    is: { type: 'object', properties: { a: text, b: { type: 'array', items: text } } },
  },
  {
    of: 'a pointer inside a schema with an $id: from that schema, else from the document',
    files: {
      'a.yaml': responding(
        `{ $ref: '#/components/schemas/A' }`,
        `components:
  schemas:
    A:
      $id: https://example.com/a.json
      type: object
      properties: { x: { $ref: '#/$defs/X' }, y: { $ref: '#/components/schemas/Y' }, z: { $ref: 'a.json#/$defs/X' } }
      $defs: { X: { type: string } }
    Y: { type: number }
`,
      ),
    },
    is: { type: 'object', properties: { x: text, y: number, z: text } },
  },
  {
    of: 'an $id that is noise: files beside the document are found all the same',
    files: {
      'a.yaml': responding(`{ $ref: './b.yaml' }`),
      'b.yaml': `{ $id: 'https://example.com/b', type: array, items: { $ref: ./c.yaml } }`,
      'c.yaml': `{ $id: '#/properties/c', type: string }`,
    },
    is: { type: 'array', items: text },
  },
  {
    of: 'an $anchor of the document, of a resource, and of another file',
    files: {
      'a.yaml': responding(
        `{ type: object, properties: { a: { $ref: '#name' }, b: { $ref: 'https://example.com/b#name' }, c: { $ref: 'c.yaml#name' } } }`,
        `components:
  schemas:
    A: { $anchor: name, type: string }
    B: { $id: 'https://example.com/b', $defs: { X: { $anchor: name, type: number } } }
`,
      ),
      'c.yaml': `$defs: { C: { $anchor: name, type: boolean } }`,
    },
    is: { type: 'object', properties: { a: text, b: number, c: { type: 'boolean' } } },
  },
  {
    of: '$self of OpenAPI 3.2',
    files: {
      'a.yaml': `$self: https://example.com/api/openapi.yaml\n${responding(
        `{ type: object, properties: { a: { $ref: 'https://example.com/api/openapi.yaml#/components/schemas/A' }, b: { $ref: 'shared.yaml#/B' } } }`,
        `components: { schemas: { A: { type: string } } }`,
        '3.2.0',
      )}`,
      'shared.yaml': `B: { type: number }`,
    },
    is: { type: 'object', properties: { a: text, b: number } },
  },
  {
    of: '$dynamicRef, to the anchor around it',
    files: {
      'a.yaml': responding(
        `{ $ref: '#/components/schemas/Tree' }`,
        `components: { schemas: { Tree: { $dynamicAnchor: node, type: object, properties: { n: { type: string }, next: { type: array, items: { $dynamicRef: '#node' }, maxItems: 0 } } } } }`,
      ),
    },
    is: expect.objectContaining({
      properties: { n: text, next: expect.objectContaining({ items: expect.objectContaining({ type: 'object' }) }) },
    }),
  },
  {
    of: '$dynamicRef, to the type that a generic schema is used with',
    files: {
      'a.yaml': responding(
        `{ type: object, properties: { users: { $ref: '#/components/schemas/Users' }, ids: { $ref: '#/components/schemas/Ids' }, any: { $ref: '#/components/schemas/Page' } } }`,
        `components:
  schemas:
    Page:
      type: object
      properties: { items: { type: array, items: { $dynamicRef: '#item' } } }
      $defs: { item: { $dynamicAnchor: item, type: boolean } }
    Users: { $ref: '#/components/schemas/Page', $defs: { item: { $dynamicAnchor: item, $ref: '#/components/schemas/User' } } }
    Ids: { $ref: '#/components/schemas/Page', $defs: { item: { $dynamicAnchor: item, type: number } } }
    User: { type: string }
`,
      ),
    },
    is: {
      type: 'object',
      properties: Object.fromEntries(
        Object.entries({ users: text, ids: number, any: { type: 'boolean' } }).map(([name, items]) => [
          name,
          { type: 'object', properties: { items: { type: 'array', items } } },
        ]),
      ),
    },
  },
  {
    of: '$dynamicRef, to the schema that extends a recursive one',
    files: {
      'a.yaml': responding(
        `{ $ref: '#/components/schemas/Strict' }`,
        `components:
  schemas:
    Strict: { $id: 'https://example.com/strict', $dynamicAnchor: node, $ref: tree, required: [n] }
    Tree:
      $id: https://example.com/tree
      $dynamicAnchor: node
      type: object
      properties: { n: { type: string }, next: { anyOf: [{ $dynamicRef: '#node' }, { type: 'null' }] } }
`,
      ),
    },
    is: expect.objectContaining({
      required: ['n'],
      properties: {
        n: text,
        next: { anyOf: [expect.objectContaining({ required: ['n'], type: 'object' }), { type: 'null' }] },
      },
    }),
  },
  {
    of: 'members beside a reference that hold references themselves (3.1)',
    files: {
      'sub/a.yaml': responding(`{ $ref: 'b.yaml#/B', properties: { own: { $ref: 'b.yaml#/C' } } }`),
      'sub/b.yaml': `B: { type: object }\nC: { type: string }`,
    },
    is: { type: 'object', properties: { own: text } },
  },
  {
    of: 'a component that adds members to a file',
    files: {
      'a.yaml': responding(
        `{ $ref: '#/components/schemas/A' }`,
        `components: { schemas: { A: { $ref: 'b.yaml', properties: { own: { type: string } } } } }`,
      ),
      'b.yaml': `{ type: object, required: [b] }`,
    },
    is: { type: 'object', required: ['b'], properties: { own: text } },
  },
  {
    of: 'properties that stand in another file',
    files: {
      'a.yaml': responding(`{ type: object, properties: { $ref: 'b.yaml#/all' } }`),
      'b.yaml': `all: { x: { type: string }, y: { $ref: '#/other' } }\nother: { type: number }`,
    },
    is: { type: 'object', properties: { x: text, y: number } },
  },
  {
    of: 'a property that is called $ref',
    files: { 'a.yaml': responding(`{ type: object, properties: { $ref: { type: string } } }`) },
    is: { type: 'object', properties: { $ref: text } },
  },
];

describe('a reference is followed', () => {
  it.each(cases)('to $of', async ({ files, is, warnings = [] }) => {
    const contract = await read(files);
    expect(reasons(contract)).toEqual([]);
    expect(messages(contract)).toEqual(warnings);
    expect(written(contract)).toEqual(is);
    // The stored contract is one file; it says the same.
    const again = await read({ 'again.yaml': JSON.stringify(contract.bundled) });
    expect(written(again)).toEqual(is);
  });
});

describe('sections of a document', () => {
  const files = {
    'a.yaml': `${head('3.0.3')}paths: { $ref: ./paths.yaml }
components:
  schemas: { $ref: './schemas/all.yaml' }
  responses: { $ref: './responses.yaml#/all' }
  parameters: { $ref: '#/x-parameters' }
x-parameters:
  Id: { name: id, in: path, required: true, schema: { $ref: '#/components/schemas/Key' } }
`,
    'paths.yaml': `
/todos/{id}:
  get:
    operationId: getTodo
    parameters: [{ $ref: 'a.yaml#/components/parameters/Id' }]
    responses:
      '200': { description: ok, content: { application/json: { schema: { $ref: 'a.yaml#/components/schemas/Todo' } } } }
      '404': { $ref: 'a.yaml#/components/responses/404' }
`,
    'schemas/all.yaml': `
Todo: { type: object, required: [id], properties: { id: { $ref: '#/Key' }, 'a/b ~c#': { $ref: '#/a~1b ~0c%23' } } }
Key: { type: string }
'a/b ~c#': { type: number }
`,
    'responses.yaml': `all: { '404': { description: none, content: { application/json: { schema: { type: string } } } } }`,
  };

  it('may be references to files and to other places', async () => {
    const contract = await read(files);
    expect(reasons(contract)).toEqual([]);
    expect(messages(contract)).toEqual([]);
    expect(names(contract)).toEqual(['getTodo']);
    expect(contract.operations[0]).toMatchObject({
      parameters: [{ name: 'id', in: 'path' }],
      responses: [{ status: '200', media: [{ schemaName: 'Todo' }] }, { status: '404' }],
    });
    expect(written(contract)).toEqual({
      type: 'object',
      required: ['id'],
      properties: { id: text, 'a/b ~c#': number },
    });
  });

  it('keep their own entries beside the reference', async () => {
    const contract = await read({
      'a.yaml': responding(
        `{ type: object, properties: { own: { $ref: '#/components/schemas/Own' }, other: { $ref: '#/components/schemas/Other' } } }`,
        `components: { schemas: { $ref: b.yaml, Own: { type: string } } }`,
        '3.0.3',
      ),
      'b.yaml': `{ Own: { type: number }, Other: { type: number } }`,
    });
    expect(written(contract)).toEqual({ type: 'object', properties: { own: text, other: number } });
  });

  it('that are not there are named: paths stop the command, others are left out', async () => {
    await expect(read({ 'a.yaml': `${head('3.0.3')}paths: { $ref: ./gone.yaml }\n` })).rejects.toThrow(
      /^a.yaml:3:1: paths: there is no file .*gone.yaml$/,
    );
    const contract = await read({
      'a.yaml': responding('{ type: string }', `components: { schemas: { $ref: gone.yaml } }`),
    });
    expect(messages(contract)).toEqual([
      expect.stringMatching(/^schemas: there is no file .*; the section is left out$/),
    ]);
    expect(names(contract)).toEqual(['a']);
    await expect(
      read({ 'a.yaml': `${head('3.0.3')}paths: { $ref: '#/x-a' }\nx-a: { $ref: '#/x-b' }\nx-b: { $ref: '#/x-a' }\n` }),
    ).rejects.toThrow('leads back to itself');
  });

  it('of Swagger 2 may be references, too', async () => {
    const contract = await read({
      'a.yaml': `swagger: '2.0'
info: { title: T, version: '1' }
paths: { $ref: b.yaml#/paths }
definitions: { $ref: b.yaml#/definitions }
`,
      'b.yaml': `paths: { /a: { get: { operationId: a, responses: { '200': { description: ok, schema: { $ref: 'a.yaml#/definitions/A' } } } } } }
definitions: { A: { type: array, items: { $ref: '#/definitions/B' } }, B: { type: string } }
`,
    });
    expect(reasons(contract)).toEqual([]);
    expect(written(contract)).toEqual({ type: 'array', items: text });
  });
});

describe('a reference that leads nowhere', () => {
  it('makes the member unknown that needs it, with a warning, and nothing else', async () => {
    const contract = await read({
      'a.yaml': responding(
        `{ $ref: '#/components/schemas/A' }`,
        `components:
  schemas:
    A:
      type: object
      required: [id, gone]
      properties:
        id: { type: string }
        gone: { $ref: '#/components/schemas/Gone' }
        list: { type: array, items: { $ref: '#/components/schemas/List' } }
        part: { allOf: [{ $ref: '#/components/schemas/Gone' }, { type: object, properties: { p: { type: string } } }] }
        choice: { oneOf: [{ $ref: '#/components/schemas/Gone' }, { type: string }] }
        map: { type: object, additionalProperties: { $ref: '#/components/schemas/Gone' } }
    List: { type: array, items: { $ref: '#/components/schemas/Gone' } }
`,
      ),
    });
    expect(reasons(contract)).toEqual([]);
    const unknown = { writeOnly: true };
    expect(written(contract)).toEqual({
      type: 'object',
      required: ['id', 'gone'],
      properties: {
        id: text,
        gone: unknown,
        list: unknown,
        part: { allOf: [{ type: 'object', properties: { p: text } }] },
        choice: unknown,
        map: unknown,
      },
    });
    expect(contract.warnings).toMatchObject([
      {
        line: 12,
        column: 9,
        message: expect.stringContaining('the member gone is unknown, and responses leave it out'),
      },
      { line: 17, message: expect.stringContaining('the member list is unknown') },
      { line: 14, message: expect.stringContaining('this part of allOf is unknown') },
      { line: 15, message: expect.stringContaining('the member choice is unknown') },
      { line: 16, message: expect.stringContaining('the member map is unknown') },
    ]);
  });

  it('in another file is stored so that the stored contract says the same', async () => {
    const contract = await read({
      'a.yaml': responding(`{ $ref: 'b.yaml#/B' }`),
      'b.yaml': `B: { type: object, properties: { gone: { $ref: '#/Gone' }, other: { $ref: 'c.yaml#/Gone' }, id: { type: string } } }`,
      'c.yaml': `C: { type: string }`,
    });
    const is = { type: 'object', properties: { gone: { writeOnly: true }, other: { writeOnly: true }, id: text } };
    expect(written(contract)).toEqual(is);
    expect(messages(contract)).toEqual([
      'the reference #/Gone leads nowhere; the member gone is unknown, and responses leave it out',
      'the reference c.yaml#/Gone leads nowhere; the member other is unknown, and responses leave it out',
    ]);
    expect(written(await read({ 'again.yaml': JSON.stringify(contract.bundled) }))).toEqual(is);
  });

  it('because it goes in a circle, ends', async () => {
    const circle = `components: { schemas: { A: { $ref: '#/components/schemas/A/properties/b' }, B: { $ref: '#/components/schemas/C/x' }, C: { $ref: '#/components/schemas/B/y' } } }`;
    const contract = await read({
      'a.yaml': responding(
        `{ type: object, properties: { a: { $ref: '#/components/schemas/A' }, b: { $ref: '#/components/schemas/B' } } }`,
        circle,
      ),
    });
    expect(written(contract)).toEqual({
      type: 'object',
      properties: { a: { writeOnly: true }, b: { writeOnly: true } },
    });
  });

  it('where the whole response is, refuses the operation; so does a file that is not there', async () => {
    const gone = await read({ 'a.yaml': responding(`{ type: array, items: { $ref: '#/components/schemas/Gone' } }`) });
    expect(reasons(gone)).toEqual(['the reference #/components/schemas/Gone leads nowhere']);
    const file = await read({ 'a.yaml': responding(`{ type: object, properties: { a: { $ref: gone.yaml } } }`) });
    expect(reasons(file)).toEqual(['there is no file gone.yaml']);
  });
});

describe('the folder of a contract', () => {
  const files = {
    'services/orders/a.yaml': responding(
      `{ type: object, properties: { total: { $ref: '../../shared/money.yaml#/Money' } } }`,
    ),
    'shared/money.yaml': `Money: { type: object, properties: { unit: { $ref: './unit.yaml' } } }`,
    'shared/unit.yaml': `type: string`,
    'secret.yaml': `Money: { type: string }`,
  };

  it('is the only one that files are read from, unless a wider one is named', async () => {
    const folder = await write(files);
    const source = join(folder, 'services/orders/a.yaml');
    const closed = await readContract(source, { cwd: folder, lint: false });
    expect(reasons(closed)).toEqual([
      'shared/money.yaml lies outside the folder of the contract; move it in, or name a folder that holds both: --root .',
    ]);
    const open = await readContract(source, { cwd: folder, lint: false, root: folder });
    expect(reasons(open)).toEqual([]);
    expect(written(open)).toEqual({
      type: 'object',
      properties: { total: { type: 'object', properties: { unit: text } } },
    });
  });

  it.each([
    ['a relative path', '../../secret.yaml#/Money', /secret.yaml lies outside the folder/],
    ['an escaped path', '%2e%2e/%2e%2e/secret.yaml#/Money', /secret.yaml lies outside the folder/],
    ['a symbolic link', 'link.yaml#/Money', /link.yaml lies outside the folder/],
    ['a link to a folder', 'linked/secret.yaml#/Money', /secret.yaml lies outside the folder/],
    ['an absolute path', '/etc/hostname', /outside the folder|no file/],
    ['a file URL', 'file:///etc/hostname', /outside the folder|no file/],
    ['a file URL of another host', 'file://example.com/etc/hostname', /cannot be read|no file/],
    ['http', 'http://127.0.0.1:1/money.yaml#/Money', /the remote reference .* is refused/],
    ['data', 'data:application/json,{}', /is not supported/],
  ])('is not left by %s, with or without a wider one', async (_, reference, reason) => {
    const folder = await write({
      ...files,
      'wide/services/a.yaml': responding(`{ type: object, properties: { a: { $ref: '${reference}' } } }`),
    });
    await symlink(join(folder, 'secret.yaml'), join(folder, 'wide/services/link.yaml'));
    await symlink(folder, join(folder, 'wide/services/linked'));
    const source = join(folder, 'wide/services/a.yaml');
    for (const options of [{}, { root: join(folder, 'wide') }]) {
      const contract = await readContract(source, { cwd: folder, lint: false, ...options });
      expect(reasons(contract)).toEqual([expect.stringMatching(reason)]);
    }
  });

  it('that is named must hold the contract', async () => {
    const folder = await write(files);
    const source = join(folder, 'services/orders/a.yaml');
    await expect(readContract(source, { cwd: folder, root: join(folder, 'shared') })).rejects.toThrow(
      'the contract is not in the folder',
    );
    await expect(readContract(source, { cwd: folder, root: join(folder, 'gone') })).rejects.toThrow(
      'there is no folder',
    );
  });
});

describe('the mapping of a discriminator', () => {
  const kinds = (contract: ContractDocument): unknown => {
    const union = [...contract.schemas.values()].find(
      (schema) => typeof schema === 'object' && schema['oneOf'] !== undefined,
    );
    const discriminator = typeof union === 'object' ? union['discriminator'] : undefined;
    return typeof discriminator === 'object' && discriminator !== null && 'mapping' in discriminator
      ? discriminator.mapping
      : undefined;
  };
  const ref = (name: string): string => `#/components/schemas/${name}`;
  const sms = `{ type: object, required: [kind, number], properties: { kind: { type: string }, number: { type: string } } }`;
  const mail = `{ type: object, required: [kind, address], properties: { kind: { type: string }, address: { type: string } } }`;
  const union = (first: string, second: string, mapping: string): string =>
    `{ oneOf: [{ $ref: '${first}' }, { $ref: '${second}' }], discriminator: { propertyName: kind${mapping} } }`;

  it.each<[string, Files, Record<string, string>]>([
    [
      'files, seen from the file that names them',
      {
        'a.yaml': responding(`{ $ref: './schemas/provider.yaml' }`),
        'schemas/provider.yaml': union('./mail.yaml', './sms.yaml', `, mapping: { M: './mail.yaml', S: sms.yaml }`),
        'schemas/mail.yaml': mail,
        'schemas/sms.yaml': sms,
      },
      { M: ref('mail'), S: ref('sms') },
    ],
    [
      'files that the root gave names, and pointers into files',
      {
        'a.yaml': responding(
          union('#/components/schemas/Mail', 'all.yaml#/Sms', `, mapping: { M: 'mail.yaml', S: 'all.yaml#/Sms' }`),
          `components: { schemas: { Mail: { $ref: mail.yaml } } }`,
        ),
        'mail.yaml': mail,
        'all.yaml': `Sms: ${sms}`,
      },
      { M: ref('Mail'), S: ref('Sms') },
    ],
    [
      'names of choices that stand in files',
      {
        'a.yaml': responding(`{ $ref: 'provider.yaml' }`),
        'provider.yaml': union('./Mail.yaml', 'all.yaml#/Sms', `, mapping: { M: Mail, S: Sms }`),
        'Mail.yaml': mail,
        'all.yaml': `Sms: ${sms}`,
      },
      { M: ref('Mail'), S: ref('Sms') },
    ],
    [
      'components whose names end like files',
      {
        'a.yaml': responding(
          union(ref('mail.v1'), ref('sms.v1'), `, mapping: { M: mail.v1, S: '${ref('sms.v1')}' }`),
          `components: { schemas: { mail.v1: ${mail}, sms.v1: ${sms} } }`,
        ),
      },
      { M: ref('mail.v1'), S: ref('sms.v1') },
    ],
    [
      'nothing, where a file has the name of another component: the name of the file is the value still',
      {
        'a.yaml': responding(
          `{ type: object, properties: { of: { $ref: 'provider.yaml' }, other: { $ref: '${ref('mail')}' } } }`,
          `components: { schemas: { mail: { type: string } } }`,
        ),
        'provider.yaml': union('./mail.yaml', './sms.yaml', ''),
        'mail.yaml': mail,
        'sms.yaml': sms,
      },
      { mail: ref('mail_2') },
    ],
    [
      'names that are no identifiers',
      {
        'a.yaml': responding(
          union(ref('e mail'), ref('sms'), `, mapping: { M: e mail }`),
          `components: { schemas: { 'e mail': ${mail}, sms: ${sms} } }`,
        ),
      },
      { M: ref('e_mail') },
    ],
    [
      'nothing, where a name is no identifier: it is the value as it stands',
      {
        'a.yaml': responding(
          union(ref('e mail'), ref('sms'), ''),
          `components: { schemas: { 'e mail': ${mail}, sms: ${sms} } }`,
        ),
      },
      { 'e mail': ref('e_mail') },
    ],
  ])('leads to %s', async (_, files, mapping) => {
    const contract = await read(files);
    expect(messages(contract)).toEqual([]);
    expect(kinds(contract)).toEqual(mapping);
    expect(kinds(await read({ 'again.yaml': JSON.stringify(contract.bundled) }))).toEqual(mapping);
  });

  it('loads kinds that only the mapping names, and that inherit', async () => {
    const contract = await read({
      'a.yaml': responding(`{ $ref: 'vehicle.yaml' }`),
      'vehicle.yaml': `{ type: object, required: [drive], properties: { drive: { type: string } }, discriminator: { propertyName: drive, mapping: { e: ./electric.yaml, b: bicycle.yaml } } }`,
      'electric.yaml': `allOf: [{ $ref: vehicle.yaml }, { type: object, properties: { kwh: { type: number } } }]`,
      'bicycle.yaml': `allOf: [{ $ref: vehicle.yaml }, { type: object, properties: { gears: { type: number } } }]`,
    });
    expect(messages(contract)).toEqual([]);
    expect(kinds(contract)).toEqual({ e: ref('electric'), b: ref('bicycle') });
  });

  it('has a default in OpenAPI 3.2', async () => {
    const contract = await read({
      'a.yaml': responding(
        `{ oneOf: [{ $ref: mail.yaml }, { $ref: sms.yaml }], discriminator: { propertyName: kind, mapping: { S: sms.yaml }, defaultMapping: ./mail.yaml } }`,
        '',
        '3.2.0',
      ),
      'mail.yaml': mail,
      'sms.yaml': sms,
    });
    expect(messages(contract)).toEqual([]);
    expect([...contract.schemas.values()]).toContainEqual(
      expect.objectContaining({
        discriminator: { propertyName: 'kind', mapping: { S: ref('sms') }, defaultMapping: ref('mail') },
      }),
    );
  });
});
