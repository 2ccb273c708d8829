import ts from 'typescript';
import type { Step } from './raw-members.js';

/** The types that a generated client gives to the responses of its operations, read from its text. */
export class GeneratedTypes {
  readonly #aliases = new Map<string, ts.TypeNode>();
  readonly #outputs = new Map<string, ts.TypeNode>();
  readonly #long = new Map<string, ts.TypeNode>();

  constructor(text: string) {
    const file = ts.createSourceFile('generated.ts', text, ts.ScriptTarget.ESNext, false, ts.ScriptKind.TS);
    for (const statement of file.statements) {
      if (ts.isTypeAliasDeclaration(statement)) this.#aliases.set(statement.name.text, statement.type);
      else if (ts.isInterfaceDeclaration(statement) && statement.name.text === 'operations') this.#readLong(statement);
      else if (ts.isVariableStatement(statement)) this.#readOperations(statement);
    }
  }

  /** The types that a value of a response can have at a path; empty where it has none there. */
  at(operation: string, steps: readonly Step[]): readonly ts.TypeNode[] {
    const output = this.#outputs.get(operation);
    let found = output === undefined ? [] : this.#alternatives(output);
    for (const step of steps) {
      // A member with a name says more than an index signature beside it.
      const named = found.flatMap((type) => this.#step(type, step, false));
      const next = named.length > 0 ? named : found.flatMap((type) => this.#step(type, step, true));
      found = next.flatMap((type) => this.#alternatives(type));
    }
    return found;
  }

  /** The JSON types of a type; `unknown` where it leaves the value open. */
  static kindOf(type: ts.TypeNode): string {
    if (ts.isTypeLiteralNode(type)) return 'object';
    if (ts.isArrayTypeNode(type) || ts.isTupleTypeNode(type)) return 'array';
    if (ts.isLiteralTypeNode(type)) return literalKinds.get(type.literal.kind) ?? 'number';
    return keywordKinds.get(type.kind) ?? (ts.isTypeReferenceNode(type) ? 'object' : 'unknown');
  }

  #step(type: ts.TypeNode, step: Step, isUnnamed: boolean): readonly ts.TypeNode[] {
    if (ts.isArrayTypeNode(type)) return step === '[]' ? [type.elementType] : [];
    if (ts.isTupleTypeNode(type))
      return step === '[]' ? type.elements.map((one) => (ts.isNamedTupleMember(one) ? one.type : one)) : [];
    if (!ts.isTypeLiteralNode(type)) return [];
    return type.members.flatMap((member) => {
      if (ts.isIndexSignatureDeclaration(member)) return step === '[]' || !isUnnamed ? [] : [member.type];
      if (!ts.isPropertySignature(member) || member.type === undefined) return [];
      return step === `.${nameOf(member.name)}` && !isUnnamed ? [member.type] : [];
    });
  }

  /** Aliases resolved, unions and intersections taken apart. */
  #alternatives(type: ts.TypeNode, hops = 0): ts.TypeNode[] {
    if (hops > 100) return [type];
    const inner = (one: ts.TypeNode): ts.TypeNode[] => this.#alternatives(one, hops + 1);
    if (ts.isUnionTypeNode(type) || ts.isIntersectionTypeNode(type)) return type.types.flatMap(inner);
    if (ts.isParenthesizedTypeNode(type)) return inner(type.type);
    if (ts.isTypeOperatorNode(type)) return inner(type.type);
    if (ts.isIndexedAccessTypeNode(type))
      return this.#long.has(keyOf(type)) ? inner(this.#long.get(keyOf(type)) ?? type) : [type];
    if (!ts.isTypeReferenceNode(type) || !ts.isIdentifier(type.typeName)) return [type];
    const [first] = type.typeArguments ?? [];
    if (first !== undefined && ['WithRequired', 'Omit', 'Partial', 'Readonly'].includes(type.typeName.text))
      return inner(first);
    const alias = this.#aliases.get(type.typeName.text);
    return alias === undefined ? [type] : inner(alias);
  }

  #readOperations(statement: ts.VariableStatement): void {
    for (const { type, initializer } of statement.declarationList.declarations) {
      if (type === undefined || !ts.isTypeReferenceNode(type) || initializer === undefined) continue;
      const output = type.typeArguments?.[1];
      const id = ts.isObjectLiteralExpression(initializer) ? textMember(initializer, 'id') : undefined;
      if (output !== undefined && id !== undefined) this.#outputs.set(id, output);
    }
  }

  #readLong({ members }: ts.InterfaceDeclaration): void {
    for (const operation of members) {
      if (!ts.isPropertySignature(operation) || operation.type === undefined || !ts.isTypeLiteralNode(operation.type))
        continue;
      for (const member of operation.type.members)
        if (ts.isPropertySignature(member) && member.type !== undefined)
          this.#long.set(`${nameOf(operation.name)} ${nameOf(member.name)}`, member.type);
    }
  }
}

const keywordKinds: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [ts.SyntaxKind.StringKeyword, 'string'],
  [ts.SyntaxKind.NumberKeyword, 'number'],
  [ts.SyntaxKind.BooleanKeyword, 'boolean'],
  [ts.SyntaxKind.ObjectKeyword, 'object'],
  [ts.SyntaxKind.UndefinedKeyword, 'undefined'],
]);
const literalKinds: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [ts.SyntaxKind.StringLiteral, 'string'],
  [ts.SyntaxKind.TrueKeyword, 'boolean'],
  [ts.SyntaxKind.FalseKeyword, 'boolean'],
  [ts.SyntaxKind.NullKeyword, 'null'],
]);

/** `operations['id']['200']` */
function keyOf(type: ts.IndexedAccessTypeNode): string {
  const texts: string[] = [];
  for (let at: ts.TypeNode = type; ts.isIndexedAccessTypeNode(at); at = at.objectType) {
    const { indexType } = at;
    if (ts.isLiteralTypeNode(indexType) && ts.isStringLiteral(indexType.literal)) texts.unshift(indexType.literal.text);
  }
  return texts.join(' ');
}

function nameOf(name: ts.PropertyName): string {
  return ts.isIdentifier(name) || ts.isStringLiteral(name) || ts.isNumericLiteral(name) ? name.text : '';
}

function textMember({ properties }: ts.ObjectLiteralExpression, wanted: string): string | undefined {
  for (const property of properties) {
    if (!ts.isPropertyAssignment(property) || nameOf(property.name) !== wanted) continue;
    return ts.isStringLiteral(property.initializer) ? property.initializer.text : undefined;
  }
  return undefined;
}
