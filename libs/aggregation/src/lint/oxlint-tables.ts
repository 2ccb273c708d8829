/**
 * Keeps names from outside (of a header, a path, a contract) away from inherited members: `table['constructor']` is a function that no
 * table defines. The linter loads this file unchanged, so it imports nothing.
 */
interface Node {
  readonly type: string;
  readonly [member: string]: unknown;
}

interface RuleContext {
  report(diagnostic: { readonly node: never; readonly message: string }): void;
}

const isNode = (x: unknown): x is Node =>
  typeof x === 'object' && x !== null && 'type' in x && typeof x.type === 'string';
const nodeAt = (node: Node | undefined, member: string): Node | undefined => {
  const found = node?.[member];
  return isNode(found) ? found : undefined;
};
const nodesAt = (node: Node | undefined, member: string): readonly Node[] => {
  const found = node?.[member];
  return Array.isArray(found) ? found.filter(isNode) : [];
};
const nameOf = (node: Node | undefined): string | undefined =>
  typeof node?.['name'] === 'string' ? node['name'] : undefined;

const anyKey = new Set(['TSStringKeyword', 'TSNumberKeyword']);

/** True if a type takes any key: `Record<string, X>`, `Readonly<Record<number, X>>`, `{ [key: string]: X }`. */
function takesAnyKey(type: Node | undefined): boolean {
  if (type === undefined) return false;
  if (type.type === 'TSTypeLiteral')
    return nodesAt(type, 'members').some((member) => member.type === 'TSIndexSignature');
  if (type.type === 'TSUnionType') return nodesAt(type, 'types').some(takesAnyKey);
  if (type.type !== 'TSTypeReference') return false;
  const parameters = nodesAt(nodeAt(type, 'typeArguments') ?? nodeAt(type, 'typeParameters'), 'params');
  const name = nameOf(nodeAt(type, 'typeName'));
  if (name === 'Record') return anyKey.has(parameters[0]?.type ?? '');
  return (name === 'Readonly' || name === 'Partial') && takesAnyKey(parameters[0]);
}

/** The expression without `as`, `satisfies`, `!` and brackets around it. */
function bare(node: Node | undefined): Node | undefined {
  const inner = nodeAt(node, 'expression');
  return inner !== undefined && /^(?:TS\w+Expression|ParenthesizedExpression|ChainExpression)$/.test(node?.type ?? '')
    ? bare(inner)
    : node;
}

const isAsAnyKey = (node: Node | undefined): boolean =>
  node?.type === 'TSAsExpression'
    ? takesAnyKey(nodeAt(node, 'typeAnnotation'))
    : node?.type === 'ParenthesizedExpression' && isAsAnyKey(nodeAt(node, 'expression'));

function isTable(init: Node | undefined): boolean {
  const value = bare(init);
  if (value?.type === 'ObjectExpression') return nodesAt(value, 'properties').length > 0;
  const callee = nodeAt(value, 'callee');
  const method = nameOf(nodeAt(callee, 'property'));
  if (value?.type !== 'CallExpression' || nameOf(nodeAt(callee, 'object')) !== 'Object') return false;
  return method === 'fromEntries' || (method === 'freeze' && isTable(nodesAt(value, 'arguments')[0]));
}

const isLiteral = (node: Node | undefined): boolean =>
  node?.type === 'Literal' || (node?.type === 'TemplateLiteral' && nodesAt(node, 'expressions').length === 0);

function isSymbol(node: Node | undefined): boolean {
  return node?.type === 'PrivateIdentifier' || nameOf(nodeAt(node, 'object')) === 'Symbol';
}

const isPrototype = (node: Node | undefined): boolean =>
  nameOf(nodeAt(node, 'object')) === 'Object' && nameOf(nodeAt(node, 'property')) === 'prototype';

const safely = 'make it a Map, or a table without a prototype: table({ ... }) of @frontage/core';

const noInheritedMember = {
  create: (context: RuleContext) => {
    const report = (node: Node, message: string): void => context.report({ node: node as never, message });
    return {
      Program(program: Node): void {
        for (const statement of nodesAt(program, 'body')) {
          const declaration =
            statement.type === 'ExportNamedDeclaration' ? nodeAt(statement, 'declaration') : statement;
          if (declaration?.type !== 'VariableDeclaration') continue;
          for (const declarator of nodesAt(declaration, 'declarations')) {
            const type = nodeAt(nodeAt(nodeAt(declarator, 'id'), 'typeAnnotation'), 'typeAnnotation');
            const init = nodeAt(declarator, 'init');
            if (isTable(init) && (takesAnyKey(type) || isAsAnyKey(init))) {
              report(declarator, `The table takes any name, and 'constructor' is one that it has: ${safely}.`);
            }
          }
        }
      },
      BinaryExpression(node: Node): void {
        const left = nodeAt(node, 'left');
        if (node['operator'] !== 'in' || isLiteral(left) || isSymbol(left) || isPrototype(nodeAt(node, 'right')))
          return;
        report(node, `'constructor' is in every object: write Object.hasOwn(object, name).`);
      },
      MemberExpression(node: Node): void {
        if (node['computed'] !== true || isLiteral(nodeAt(node, 'property'))) return;
        const object = nodeAt(node, 'object');
        const isInline = bare(object)?.type === 'ObjectExpression' && isAsAnyKey(object);
        if (!isInline && !isAsAnyKey(object)) return;
        report(node, `A name that is read of any object may be 'constructor': ask Object.hasOwn(object, name) first.`);
      },
    };
  },
};

export default { meta: { name: 'house' }, rules: { 'no-inherited-member': noInheritedMember } };
