import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { upstreamFiles, type UpstreamFiles } from '../upstream/upstream-files.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'generated-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function generate(document: unknown): Promise<UpstreamFiles & { operations: string; schemas: string }> {
  const source = join(folder, 'contract.json');
  await writeFile(source, JSON.stringify(document));
  const generated = await upstreamFiles('orders', source, join(folder, 'orders'));
  const texts = [...generated.files];
  const find = (end: string): string => texts.find(([path]) => path.endsWith(end))?.[1] ?? '';
  return { ...generated, operations: find('orders.gen.ts'), schemas: find('schemas.gen.ts') };
}

type Shape = Record<string, unknown>;
const json = (schema: Shape): Shape => ({ description: 'ok', content: { 'application/json': { schema } } });
const document = (paths: Shape, schemas: Shape = {}): Shape => ({
  openapi: '3.1.0',
  info: { title: 'T', version: '1' },
  paths,
  components: { schemas },
});

describe('generated operations', () => {
  it('have a type for the headers of their successes', async () => {
    const { operations } = await generate(
      document({
        '/files': {
          get: {
            operationId: 'listFiles',
            responses: {
              '200': {
                ...json({ type: 'string' }),
                headers: {
                  'X-Total-Count': { required: true, schema: { type: 'integer' } },
                  Kind: { schema: { enum: ['a', 'b'], type: 'string' } },
                  Odd: { schema: { type: 'object' } },
                },
              },
            },
          },
        },
      }),
    );
    expect(operations).toContain("  'GET',\n  boolean,\n  operations['listFiles']['headers']\n> = {");
    expect(operations).toMatch(/headers: \{\s+"X-Total-Count": number;\s+Kind\?: "a" \| "b";\s+Odd\?: string;\s+\};/);
    expect(operations).toContain("{ name: 'X-Total-Count', type: 'integer', required: true }");
  });

  it('have types for every group, every body and every response', async () => {
    const { operations } = await generate(
      document({
        '/files/{id}': {
          put: {
            operationId: 'putFile',
            parameters: [
              { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
              { name: 'dry', in: 'query', schema: { type: 'boolean' } },
            ],
            requestBody: {
              required: true,
              content: {
                'application/json': { schema: { type: 'object', properties: { name: { type: 'string' } } } },
                'application/octet-stream': {},
              },
            },
            responses: {
              200: json({ type: 'integer' }),
              204: { description: 'nothing' },
              404: json({ type: 'string' }),
              default: { description: 'x', content: { 'text/plain': { schema: { type: 'string' } } } },
            },
          },
          get: {
            operationId: 'getFile',
            parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
            responses: { default: { description: 'x', content: { 'application/pdf': {} } } },
          },
          delete: {
            operationId: 'deleteFile',
            parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
            responses: { 400: { description: 'bad' }, 404: json({ type: 'string' }) },
          },
        },
      }),
    );
    expect(operations).toContain(`export const putFile: Operation<
  { path: { id: string }; query?: { dry?: boolean }; body: { name?: string }; contentType?: 'application/json' } | { path: { id: string }; query?: { dry?: boolean }; body: string | Binary; contentType: 'application/octet-stream' },
  number | undefined,
  { '404': string; 'default': string },
  'PUT'
>`);
    expect(operations).toContain(`export const getFile: Operation<
  { path: { id: string } },
  Uint8Array,
  {},
  'GET'
>`);
    expect(operations).toContain(`export const deleteFile: Operation<
  { path: { id: string } },
  undefined,
  { '400': undefined; '404': string },
  'DELETE'
>`);
  });

  it('read and write types differ where members are read-only or write-only', async () => {
    const user = {
      type: 'object',
      required: ['id', 'name', 'password'],
      properties: {
        id: { type: 'string', readOnly: true },
        name: { type: 'string' },
        password: { type: 'string', writeOnly: true },
      },
    };
    const body = { required: true, content: { 'application/json': { schema: { $ref: '#/components/schemas/User' } } } };
    const { operations, schemas } = await generate(
      document(
        {
          '/users': {
            post: {
              operationId: 'add',
              requestBody: body,
              responses: { 201: json({ $ref: '#/components/schemas/User' }) },
            },
          },
        },
        { User: user },
      ),
    );
    expect(operations).toContain('{ body: UserInput },\n  User,');
    expect(operations).toContain('export type User = {\n  id: string;\n  name: string;\n};');
    expect(operations).toContain('export type UserInput = {\n  name: string;\n  password: string;\n};');
    // Requests need the password; responses leave it out when they are read.
    expect(schemas).toContain('"required":["id","name","password"]');
  });

  it('members behind a reference or an allOf keep their direction, also where another part requires them', async () => {
    const { operations } = await generate(
      document(
        {
          '/notes': {
            post: {
              operationId: 'add',
              requestBody: { required: true, content: json({ $ref: '#/components/schemas/Note' })['content'] },
              responses: { 201: json({ $ref: '#/components/schemas/Note' }) },
            },
          },
        },
        {
          Id: { type: 'string', readOnly: true },
          Secret: { type: 'string', writeOnly: true },
          Base: {
            type: 'object',
            required: ['id'],
            properties: { id: { $ref: '#/components/schemas/Id' }, secret: { $ref: '#/components/schemas/Secret' } },
          },
          Note: {
            allOf: [
              { $ref: '#/components/schemas/Base' },
              { type: 'object', required: ['text', 'secret'], properties: { text: { type: 'string' } } },
            ],
          },
        },
      ),
    );
    expect(operations).toMatch(/export type Base = \{\s+id: Id;\s+\};/);
    expect(operations).toMatch(/export type BaseInput = \{\s+secret\?: SecretInput;\s+\};/);
    expect(operations).toMatch(/export type Note = Base & \{\s+text: string;\s+\};/);
    expect(operations).toContain('export type NoteInput = WithRequired<BaseInput, "secret"> & {\n  text: string;\n};');
  });

  it('integers of 64 bits take text and bigints in requests, and are numbers in responses', async () => {
    const account = {
      type: 'object',
      required: ['id'],
      properties: { id: { type: 'integer', format: 'int64' }, size: { type: ['integer', 'null'], format: 'int64' } },
    };
    const { operations } = await generate(
      document(
        {
          '/accounts/{id}': {
            put: {
              operationId: 'put',
              parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer', format: 'int64' } }],
              requestBody: { required: true, content: json({ $ref: '#/components/schemas/Account' })['content'] },
              responses: { 200: json({ $ref: '#/components/schemas/Account' }) },
            },
          },
        },
        { Account: account },
      ),
    );
    expect(operations).toContain("import type { Contract, Integer64, Operation } from '@frontage/clients';");
    expect(operations).toContain('{ path: { id: Integer64 }; body: AccountInput },');
    expect(operations).toMatch(/export type Account = \{\s+id: number;\s+size\?: number \| null;\s+\};/);
    expect(operations).toMatch(/export type AccountInput = \{\s+id: Integer64;\s+size\?: Integer64 \| null;\s+\};/);
    expect(operations).toContain("parameters: [{ name: 'id', in: 'path', required: true, integer64: 'int64' }],");
  });

  it('a response has only the members that the contract declares, also where the contract allows more', async () => {
    const open = { type: 'object', additionalProperties: true, properties: { id: { type: 'string' } } };
    const { operations } = await generate(
      document({
        '/a': { get: { operationId: 'a', responses: { 200: json({ allOf: [open, { type: 'object' }] }) } } },
      }),
    );
    expect(operations).toContain('{ id?: string }');
    expect(operations).not.toContain('[key: string]');
  });

  it('reserved words and names of the file itself are exported under the name of the contract where possible', async () => {
    const operation = (operationId: string): Shape => ({
      operationId,
      responses: { 200: json({ $ref: `#/components/schemas/${operationId}` }) },
    });
    const names = ['delete', 'contract', 'Operation', 'string', 'then', '201', 'order-line', 'default'];
    const schema = { type: 'object', properties: { a: { type: 'string' } } };
    const { contract, operations } = await generate(
      document(
        Object.fromEntries(names.map((name, index) => [`/p${index}`, { get: operation(name) }])),
        Object.fromEntries(names.map((name) => [name, schema])),
      ),
    );
    expect(contract.operations.map(({ id }) => id)).toEqual([
      'delete',
      'contract',
      'Operation',
      'string',
      'then',
      '_201',
      'orderLine',
      'default',
    ]);
    expect(operations).toContain(
      'export { delete_ as delete, Operation_ as Operation, string_ as string, default_ as default };',
    );
    expect(operations).toContain('export const contract_2: Operation<');
    expect(operations).toContain('export const then_2: Operation<');
    expect(operations).toContain('export type _201 = {');
    expect(syntaxErrors(operations)).toEqual([]);
  });

  it('are the same bytes for the same document', async () => {
    const paths = { '/a': { get: { responses: { 200: json({ $ref: '#/components/schemas/A' }) } } } };
    const schemas = {
      A: { type: 'object', properties: { b: { $ref: '#/components/schemas/B' } } },
      B: { type: 'string' },
    };
    const [one, other] = [await generate(document(paths, schemas)), await generate(document(paths, schemas))];
    expect(one.operations + one.schemas).toBe(other.operations + other.schemas);
  });
});

const nasty = fc.oneof(
  fc.constantFrom(
    `'; process.exit(1); //`,
    '*/ process.exit(1); /*',
    '`${process.exit(1)}`',
    `\\'; process.exit(1); //`,
    '\u2028process.exit(1)\u2029',
    '"]: never } }; process.exit(1); type X = { a: { b: ["',
    '\r\nprocess.exit(1)\n',
    '../../../etc/passwd',
    '/../..',
    '__proto__',
    'constructor',
    'toString',
    'delete',
    'then',
    'default',
    '\u202e\u2066',
    '\ud800',
    '@ts-ignore',
    '// @ts-nocheck',
    'components["schemas"]["t0"]',
    '</script>',
    '~0~1%2F',
    'Infinity',
    '-0',
    '',
  ),
  fc.string({ unit: 'binary', maxLength: 24 }),
  fc.string({ unit: 'grapheme-ascii', maxLength: 24 }),
);

const nastyDocument = fc
  .record({
    title: nasty,
    path: nasty,
    operationId: nasty,
    secondId: nasty,
    summary: nasty,
    parameter: nasty,
    property: nasty,
    description: nasty,
    choice: nasty,
    constant: nasty,
    component: nasty,
    media: nasty,
    status: nasty,
    pattern: nasty,
    format: nasty,
    fallback: nasty,
  })
  .map((at) => {
    const object = {
      type: 'object',
      description: at.description,
      required: [at.property],
      properties: {
        [at.property]: {
          type: 'string',
          enum: [at.choice, at.constant],
          default: at.fallback,
          description: at.description,
        },
        plain: {
          type: 'string',
          pattern: at.pattern,
          format: at.format,
          const: at.constant,
          title: at.title,
          example: at.fallback,
        },
        self: { $ref: `#/components/schemas/${at.component.replaceAll('~', '~0').replaceAll('/', '~1')}` },
      },
      discriminator: { propertyName: at.property, mapping: { [at.choice]: at.component } },
    };
    return {
      openapi: '3.1.0',
      info: { title: at.title, version: at.fallback },
      paths: {
        [`/${at.path}`]: {
          post: {
            operationId: at.operationId,
            summary: at.summary,
            parameters: [
              { name: at.parameter, in: 'query', description: at.description, schema: { type: 'string' } },
              { name: at.property, in: 'header', schema: { type: 'string', enum: [at.choice] } },
            ],
            requestBody: { content: { [at.media]: { schema: object }, 'application/json': { schema: object } } },
            responses: {
              200: json(object),
              201: { description: at.description, content: { [at.media]: { schema: object } } },
              [at.status]: json(object),
            },
          },
          get: {
            operationId: at.secondId,
            summary: at.summary,
            responses: { 200: json({ $ref: object.properties.self.$ref }) },
          },
        },
      },
      components: { schemas: { [at.component]: object } },
    };
  });

describe('G2: the text of a document', () => {
  it('never becomes code, and never a path', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(nastyDocument, async (input) => {
        const { contract, files, operations, schemas } = await generate(input);
        expect(contract.operations.length + contract.refused.length).toBe(2);
        expect([...files.keys()].every((path) => path.startsWith(join(folder, 'orders') + '/'))).toBe(true);
        for (const text of [operations, schemas]) {
          expect(syntaxErrors(text)).toEqual([]);
          expect(unexpectedCode(text)).toEqual([]);
          expect(text).not.toMatch(/[\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
          expect(comments(text).filter((comment) => /@ts-|@jsx/.test(comment) || !comment.startsWith('/*'))).toEqual([
            text.slice(0, text.indexOf('\n')),
          ]);
        }
        expect(exportedValues(operations)).toEqual(
          new Set(['contract', ...contract.operations.map(({ id }) => expectedExport(id))]),
        );
      }),
      { numRuns: 150 },
    );
  });
});

const expectedExport = (id: string): string =>
  ['contract', 'schemas', 'operations', 'then'].includes(id) ? `${id}_2` : id;

function parse(text: string): ts.SourceFile {
  return ts.createSourceFile('a.ts', text, ts.ScriptTarget.ESNext, true, ts.ScriptKind.TS);
}

function comments(text: string): string[] {
  const scanner = ts.createScanner(ts.ScriptTarget.ESNext, false, ts.LanguageVariant.Standard, text);
  const found: string[] = [];
  for (let kind = scanner.scan(); kind !== ts.SyntaxKind.EndOfFileToken; kind = scanner.scan()) {
    if (kind === ts.SyntaxKind.SingleLineCommentTrivia || kind === ts.SyntaxKind.MultiLineCommentTrivia)
      found.push(scanner.getTokenText());
  }
  return found;
}

function syntaxErrors(text: string): string[] {
  const { diagnostics = [] } = ts.transpileModule(text, {
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext },
  });
  return diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}

/** Statements that are neither a type, nor an import of the two known modules, nor a constant of plain data. */
function unexpectedCode(text: string): string[] {
  return parse(text)
    .statements.filter((statement) => {
      if (ts.isTypeAliasDeclaration(statement) || ts.isInterfaceDeclaration(statement)) return false;
      if (ts.isExportDeclaration(statement)) return statement.moduleSpecifier !== undefined;
      if (ts.isImportDeclaration(statement))
        return !/^'(@frontage\/clients|\.\/schemas\.gen\.js)'$/.test(statement.moduleSpecifier.getText());
      return !(
        ts.isVariableStatement(statement) &&
        statement.declarationList.declarations.every(
          ({ initializer }) => initializer !== undefined && isData(initializer),
        )
      );
    })
    .map((statement) => statement.getText().slice(0, 200));
}

function isData(node: ts.Expression): boolean {
  if (ts.isStringLiteral(node) || node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword)
    return true;
  if (ts.isArrayLiteralExpression(node)) return node.elements.every(isData);
  if (ts.isNewExpression(node))
    return node.expression.getText() === 'SchemaTable' && (node.arguments ?? []).every(isData);
  if (!ts.isObjectLiteralExpression(node)) return false;
  return node.properties.every((property) => {
    if (ts.isShorthandPropertyAssignment(property)) return /^(contract|schemas)$/.test(property.name.text);
    return (
      ts.isPropertyAssignment(property) && !ts.isComputedPropertyName(property.name) && isData(property.initializer)
    );
  });
}

function exportedValues(text: string): Set<string> {
  const names = parse(text).statements.flatMap((statement) => {
    if (
      ts.isVariableStatement(statement) &&
      statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true
    ) {
      return statement.declarationList.declarations.map(({ name }) => name.getText());
    }
    if (
      ts.isExportDeclaration(statement) &&
      !statement.isTypeOnly &&
      statement.exportClause !== undefined &&
      ts.isNamedExports(statement.exportClause)
    ) {
      return statement.exportClause.elements.map(({ name }) => name.text);
    }
    return [];
  });
  return new Set(names);
}
