import { SchemaTable, type JsonSchema, type OperationInfo } from '@frontage/core';
import ts from 'typescript';

/** The contract in the generated files of an upstream. */
export interface GeneratedContract {
  readonly operations: ReadonlyMap<string, GeneratedOperation>;
  readonly schemas: ReadonlyMap<string, JsonSchema>;
}

export type GeneratedOperation = Omit<OperationInfo, 'contract'>;

/**
 * Reads generated files as data; their code does not run.
 * @param operations text of `<name>.gen.ts`
 * @param schemas text of `schemas.gen.ts`
 */
export function readGenerated(operations: string, schemas: string): GeneratedContract {
  const found = new Map<string, GeneratedOperation>();
  for (const value of literals(operations)) if (isOperation(value)) found.set(value.id, value);
  const texts = literals(schemas)
    .filter((value) => Array.isArray(value))
    .flat()
    .filter(isEntry);
  const table = new SchemaTable(texts);
  const read = [...table.names()].map((name) => [name, table.get(name) ?? true] as const);
  return { operations: found, schemas: new Map(read) };
}

/** The values of constants of a module that are plain data. */
function literals(text: string): unknown[] {
  const file = ts.createSourceFile('generated.ts', text, ts.ScriptTarget.ESNext, false, ts.ScriptKind.TS);
  return file.statements
    .filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => declarationList.declarations)
    .flatMap(({ initializer }) => {
      if (initializer === undefined) return [];
      const data = ts.isNewExpression(initializer) ? (initializer.arguments ?? []) : [initializer];
      return data.map(valueOf);
    });
}

function valueOf(node: ts.Expression): unknown {
  if (ts.isStringLiteral(node)) return node.text;
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (node.kind === ts.SyntaxKind.TrueKeyword) return true;
  if (node.kind === ts.SyntaxKind.FalseKeyword) return false;
  if (ts.isArrayLiteralExpression(node)) return node.elements.map(valueOf);
  if (!ts.isObjectLiteralExpression(node)) return undefined;
  return Object.fromEntries(
    node.properties.filter(ts.isPropertyAssignment).map(({ name, initializer }) => {
      const isNamed = ts.isIdentifier(name) || ts.isStringLiteral(name);
      return [isNamed ? name.text : '', valueOf(initializer)];
    }),
  );
}

function isOperation(value: unknown): value is GeneratedOperation {
  return typeof value === 'object' && value !== null && 'id' in value && 'method' in value && 'responses' in value;
}

function isEntry(value: unknown): value is readonly [string, string] {
  return Array.isArray(value) && value.length === 2 && value.every((each) => typeof each === 'string');
}
