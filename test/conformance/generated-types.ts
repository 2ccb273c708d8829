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

  /** The types that the response of an operation can have; those of its members are found in them, step by step. */
  of(operation: string): ResponseTypes {
    const output = this.#outputs.get(operation);
    return new ResponseTypes(output === undefined ? [] : [output], this.#aliases, this.#long);
  }

  /** The JSON types of a type; `unknown` where it leaves the value open. */
  static kindOf(type: ts.TypeNode): string {
    if (ts.isTypeLiteralNode(type)) return 'object';
    if (ts.isArrayTypeNode(type) || ts.isTupleTypeNode(type)) return 'array';
    if (ts.isLiteralTypeNode(type)) return literalKinds.get(type.literal.kind) ?? 'number';
    return keywordKinds.get(type.kind) ?? (ts.isTypeReferenceNode(type) ? 'object' : 'unknown');
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

/** The types of one response. */
export class ResponseTypes {
  readonly #found = new Map<string, readonly ts.TypeNode[]>();

  constructor(
    private readonly whole: readonly ts.TypeNode[],
    private readonly aliases: ReadonlyMap<string, ts.TypeNode>,
    private readonly long: ReadonlyMap<string, ts.TypeNode>,
  ) {}

  /** The types that the value can have at a path; empty where it has none there. */
  at(steps: readonly Step[]): readonly ts.TypeNode[] {
    const path = steps.join('\n');
    const known = this.#found.get(path);
    if (known !== undefined) return known;
    const last = steps.at(-1);
    const found = this.#alternatives(last === undefined ? this.whole : this.#inside(this.at(steps.slice(0, -1)), last));
    this.#found.set(path, found);
    return found;
  }

  /** A member with a name says more than an index signature beside it. */
  #inside(types: readonly ts.TypeNode[], step: Step): readonly ts.TypeNode[] {
    const named = types.flatMap((type) => this.#step(type, step, false));
    return named.length > 0 ? named : types.flatMap((type) => this.#step(type, step, true));
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

  /** Aliases resolved, unions and intersections taken apart: each type once. */
  #alternatives(types: readonly ts.TypeNode[]): readonly ts.TypeNode[] {
    const seen = new Set(types);
    const found: ts.TypeNode[] = [];
    for (const type of seen) {
      const behind = this.#behind(type);
      if (behind === undefined) found.push(type);
      else for (const one of behind) seen.add(one);
    }
    return found;
  }

  /** The types that a type is made of; undefined where it stands for itself. */
  #behind(type: ts.TypeNode): readonly ts.TypeNode[] | undefined {
    if (ts.isUnionTypeNode(type) || ts.isIntersectionTypeNode(type)) return type.types;
    if (ts.isParenthesizedTypeNode(type) || ts.isTypeOperatorNode(type)) return [type.type];
    if (ts.isIndexedAccessTypeNode(type)) {
      const long = this.long.get(keyOf(type));
      return long && [long];
    }
    if (!ts.isTypeReferenceNode(type) || !ts.isIdentifier(type.typeName)) return undefined;
    const [first] = type.typeArguments ?? [];
    if (first !== undefined && ['WithRequired', 'Omit', 'Partial', 'Readonly'].includes(type.typeName.text))
      return [first];
    const alias = this.aliases.get(type.typeName.text);
    return alias && [alias];
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
