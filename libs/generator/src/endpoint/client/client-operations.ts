import { readFile } from 'node:fs/promises';
import { isSafe, nearest } from '@frontage/core';
import ts from 'typescript';
import { UsageError } from '../../terminal/command.errors.js';
import { readGenerated, type GeneratedOperation } from '../../upstream/generated-contract.js';
import { clientProgram, type ClientProgram } from './client-program.js';
import type { UpstreamClient } from './upstream-clients.js';

/** An operation that a screen calls. */
export interface CalledOperation {
  readonly client: UpstreamClient;
  /** Its name in the client: `orders.listOrders`. */
  readonly name: string;
  readonly info: GeneratedOperation;
  /** The first line above it in the client: method, path and summary. */
  readonly summary: string;
  readonly isRead: boolean;
  /** The type of a successful response. */
  readonly response: ts.Type;
  /** The type of a required parameter. */
  parameter(group: string, name: string): ts.Type | undefined;
  /** The members of its body that are files, where it is a form with files. */
  files(): readonly FileMember[];
}

/** A file of a form. */
export interface FileMember {
  readonly name: string;
  /** The form takes several under this name. */
  readonly isList: boolean;
}

/** The called operations, in order, with the compiler that knows their types. */
export interface CalledOperations {
  readonly operations: readonly CalledOperation[];
  readonly checker: ts.TypeChecker;
}

/** Names of operations, `orders.listOrders`, by client. */
export type WantedOperations = readonly { readonly client: UpstreamClient; readonly name: string }[];

/** Reads generated clients; their code does not run. @throws {UsageError} for a name that a client does not have */
export async function calledOperations(wanted: WantedOperations): Promise<CalledOperations> {
  const clients = [...new Set(wanted.map(({ client }) => client))];
  const texts = await textsOf(clients);
  const program = clientProgram(texts);
  const known = new Map(clients.map((client) => [client, exportsOf(program, client, texts.get(client.file) ?? '')]));
  const operations = wanted.map(({ client, name }) => {
    const all = known.get(client) ?? new Map<string, CalledOperation>();
    const found = all.get(name);
    if (found !== undefined) return found;
    throw new UsageError(unknownOperation(client, name, [...all.keys()]));
  });
  return { operations, checker: program.checker };
}

function unknownOperation(client: UpstreamClient, name: string, known: readonly string[]): string {
  const folded = known.find((one) => one.toLowerCase() === name.toLowerCase());
  const near = folded ?? nearest(name, known);
  const few =
    known.length <= 12 ? `: it has ${known.join(', ')}` : `: it has ${known.length} operations, in ${client.shown}`;
  return `${client.name} has no operation ${name}${near === undefined ? few : `; did you mean ${client.name}.${near}?`}`;
}

/** Every operation of a client, by the name under which it is imported. */
function exportsOf(program: ClientProgram, client: UpstreamClient, text: string): ReadonlyMap<string, CalledOperation> {
  const { checker } = program;
  const file = program.file(client.file);
  if (file === undefined) return new Map();
  const infos = readGenerated(text, '').operations;
  const names = exportedNames(file);
  const found = new Map<string, CalledOperation>();
  for (const statement of file.statements.filter(ts.isVariableStatement)) {
    for (const { name: local, type, initializer } of statement.declarationList.declarations) {
      const name = ts.isIdentifier(local) ? names.get(local.text) : undefined;
      const id = initializer === undefined ? undefined : idOf(initializer);
      const info = id === undefined ? undefined : infos.get(id);
      const args = type !== undefined && ts.isTypeReferenceNode(type) ? (type.typeArguments ?? []) : [];
      const [input, output] = args.map((arg) => checker.getTypeFromTypeNode(arg));
      if (name === undefined || info === undefined || input === undefined || output === undefined) continue;
      found.set(name, {
        client,
        name,
        info,
        summary: summaryOf(file, statement),
        isRead: isSafe(info),
        response: output,
        parameter: (group, parameter) => memberOf(checker, memberOf(checker, input, group), parameter),
        files: () => filesIn(checker, memberOf(checker, input, 'body')),
      });
    }
  }
  return found;
}

/** Exported names by local ones: `export { delete_ as delete }`. */
function exportedNames(file: ts.SourceFile): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const statement of file.statements) {
    if (ts.isVariableStatement(statement) && hasExport(statement)) {
      for (const { name } of statement.declarationList.declarations)
        if (ts.isIdentifier(name)) names.set(name.text, name.text);
    }
    if (!ts.isExportDeclaration(statement) || statement.isTypeOnly || statement.exportClause === undefined) continue;
    if (!ts.isNamedExports(statement.exportClause)) continue;
    for (const { name, propertyName } of statement.exportClause.elements)
      names.set((propertyName ?? name).text, name.text);
  }
  return names;
}

const hasExport = ({ modifiers = [] }: { readonly modifiers?: readonly ts.ModifierLike[] }): boolean =>
  modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);

function idOf(value: ts.Expression): string | undefined {
  if (!ts.isObjectLiteralExpression(value)) return undefined;
  const id = value.properties.find(
    (one): one is ts.PropertyAssignment =>
      ts.isPropertyAssignment(one) && ts.isIdentifier(one.name) && one.name.text === 'id',
  );
  return id !== undefined && ts.isStringLiteral(id.initializer) ? id.initializer.text : undefined;
}

/** A member of a type, also where it is optional; of a choice of inputs, that of the first one that has it. */
function memberOf(checker: ts.TypeChecker, type: ts.Type | undefined, name: string): ts.Type | undefined {
  if (type === undefined) return undefined;
  const some = checker.getNonNullableType(type);
  for (const part of some.isUnion() ? some.types : [some]) {
    const member = checker.getPropertyOfType(part, name);
    if (member !== undefined) return checker.getTypeOfSymbol(member);
  }
  return undefined;
}

function filesIn(checker: ts.TypeChecker, body: ts.Type | undefined): readonly FileMember[] {
  if (body === undefined) return [];
  const isFile = (type: ts.Type | undefined): boolean =>
    type !== undefined && (type.isUnion() ? type.types : [type]).some((part) => part.getSymbol()?.name === 'FilePart');
  return checker.getPropertiesOfType(checker.getNonNullableType(body)).flatMap((property): FileMember[] => {
    const type = checker.getNonNullableType(checker.getTypeOfSymbol(property));
    if (isFile(type)) return [{ name: property.name, isList: false }];
    const item = checker.isArrayType(type) ? checker.getIndexTypeOfType(type, ts.IndexKind.Number) : undefined;
    return isFile(item) ? [{ name: property.name, isList: true }] : [];
  });
}

function summaryOf(file: ts.SourceFile, statement: ts.Statement): string {
  const [comment] = ts.getLeadingCommentRanges(file.text, statement.getFullStart())?.slice(-1) ?? [];
  const text = comment === undefined ? '' : file.text.slice(comment.pos, comment.end);
  return text
    .replace(/^\/\*\*\s*/, '')
    .replace(/\s*\*\/$/, '')
    .replaceAll('*\\/', '*/');
}

/** Every operation of some clients, for a choice among them. */
export async function allOperations(clients: readonly UpstreamClient[]): Promise<CalledOperations> {
  const texts = await textsOf(clients);
  const program = clientProgram(texts);
  const operations = clients.flatMap((client) => [
    ...exportsOf(program, client, texts.get(client.file) ?? '').values(),
  ]);
  return { operations, checker: program.checker };
}

const textsOf = async (clients: readonly UpstreamClient[]): Promise<ReadonlyMap<string, string>> =>
  new Map(await Promise.all(clients.map(async ({ file }) => [file, await readFile(file, 'utf8')] as const)));
