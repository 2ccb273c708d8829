/**
 * Rules for plans and views, for mistakes that the compiler does not see. The linter loads this file unchanged, so it imports types alone.
 * It is written against the API of ESLint that oxlint shares (https://oxc.rs/docs/guide/usage/linter/js-plugins.html).
 */
import type { Check, File, Fixer, Node, RuleContext, Scope } from './syntax.js';

const packageName = '@frontage/aggregation';
/** Callbacks of these get values, not references. */
const ofValues = new Set(['compute', 'test', 'step', 'problem']);
/** Callbacks of these get references. */
const ofReferences = new Set(
  'list where within each batch pages write byKind sortBy indexBy groupBy distinct'.split(' '),
);
/** The results of these are no references. */
const others = new Set(['plan', 'screen', 'given', 'problem', 'atLeastOne']);

const isNode = (x: unknown): x is Node =>
  typeof x === 'object' && x !== null && 'type' in x && typeof x.type === 'string';
const nodeAt = (node: Node, member: string): Node | undefined => (isNode(node[member]) ? node[member] : undefined);
const nodesAt = (node: Node, member: string): readonly Node[] =>
  Array.isArray(node[member]) ? node[member].filter(isNode) : [];
const nameOf = (node: Node | undefined): string | undefined =>
  typeof node?.['name'] === 'string' ? node['name'] : undefined;
const isFunction = ({ type }: Node): boolean => type === 'ArrowFunctionExpression' || type === 'FunctionExpression';

function childrenOf(node: Node): readonly Node[] {
  return Object.entries(node).flatMap(([member, value]) =>
    member === 'parent' ? [] : Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [],
  );
}

/** The names that a pattern binds. */
function boundNames(pattern: Node): readonly string[] {
  if (pattern.type === 'Identifier') return [nameOf(pattern) ?? ''];
  if (pattern.type === 'AssignmentPattern') return boundNames(nodeAt(pattern, 'left') ?? pattern);
  const inner = [...nodesAt(pattern, 'properties'), ...nodesAt(pattern, 'elements')];
  return inner.flatMap((one) => boundNames(nodeAt(one, 'value') ?? nodeAt(one, 'argument') ?? one));
}

/** The function of ours that a call names. */
function calleeOf(node: Node, { imported }: File): string | undefined {
  return node.type === 'CallExpression' ? imported.get(nameOf(nodeAt(node, 'callee')) ?? '') : undefined;
}

function isReference(node: Node | undefined, scope: Scope, file: File): boolean {
  if (node === undefined) return false;
  switch (node.type) {
    case 'Identifier':
      return scope.references.has(nameOf(node) ?? '');
    case 'MemberExpression':
      return isReference(nodeAt(node, 'object'), scope, file);
    case 'ChainExpression':
    case 'TSNonNullExpression':
    case 'TSAsExpression':
    case 'ParenthesizedExpression':
      return isReference(nodeAt(node, 'expression'), scope, file);
    case 'CallExpression': {
      const callee = calleeOf(node, file);
      return callee !== undefined && !others.has(callee);
    }
    default:
      return false;
  }
}

/** Visits all code in the functions of plans and screens. */
function walk(node: Node, scope: Scope | undefined, file: File, check: Check): void {
  if (scope !== undefined) check(node, scope, file);
  const callee = calleeOf(node, file);
  const within =
    callee === 'plan' || callee === 'screen'
      ? ({ where: callee === 'plan' ? 'plan' : 'view', references: new Set<string>(), pure: false } as const)
      : scope;
  const isBody = callee === 'plan' || callee === 'screen' || (scope?.pure === false && ofReferences.has(callee ?? ''));
  const declared = new Set(within?.references);
  for (const child of childrenOf(node)) {
    const inner = within && { ...within, references: declared };
    // `byKind` and the like take several functions, in an object.
    const bodies = isFunction(child) ? [child] : isBody && child.type === 'ObjectExpression' ? functionsIn(child) : [];
    for (const body of bodies) {
      const names = nodesAt(body, 'params').flatMap(boundNames);
      const kept = [...declared].filter((name) => !names.includes(name));
      const own = inner && { ...inner, references: new Set(isBody ? [...kept, ...names] : kept) };
      walk(body, own && { ...own, pure: own.pure || ofValues.has(callee ?? '') }, file, check);
    }
    if (bodies.length > 0) continue;
    if (child.type === 'VariableDeclaration' && inner !== undefined) {
      for (const one of nodesAt(child, 'declarations')) {
        const id = nodeAt(one, 'id');
        if (id === undefined || !isReference(nodeAt(one, 'init'), { ...inner, references: declared }, file)) continue;
        for (const name of boundNames(id)) declared.add(name);
      }
    }
    walk(child, inner, file, check);
  }
}

const functionsIn = (object: Node): readonly Node[] =>
  nodesAt(object, 'properties').flatMap((property) => {
    const value = nodeAt(property, 'value');
    return value !== undefined && isFunction(value) ? [value] : [];
  });

function ruleOf(description: string, check: Check) {
  return {
    meta: { type: 'problem', docs: { description }, fixable: 'code' } as const,
    create: (context: RuleContext) => ({
      Program(program: unknown): void {
        if (!isNode(program)) return;
        const imports = nodesAt(program, 'body').filter(
          (one) =>
            one.type === 'ImportDeclaration' &&
            nodeAt(one, 'source')?.['value'] === packageName &&
            one['importKind'] !== 'type',
        );
        const specifiers = imports.flatMap((one) => nodesAt(one, 'specifiers'));
        const imported = specifiers.map(
          (one) => [nameOf(nodeAt(one, 'local')) ?? '', nameOf(nodeAt(one, 'imported')) ?? ''] as const,
        );
        if (imported.length > 0)
          walk(program, undefined, { context, imported: new Map(imported), lastImport: specifiers.at(-1) }, check);
      },
    }),
  };
}

/** The API of the linter has types of its own for a node. */
const report = ({ context }: File, node: Node, message: string, fix?: (fixer: Fixer) => readonly unknown[]): void =>
  context.report({ node: node as never, message, ...(fix && { fix: fix as (fixer: Fixer) => never }) });

const textOf = ({ context }: File, node: Node | undefined): string =>
  node === undefined ? '' : context.sourceCode.getText(node as never);

/** The local name in this file for one of our exports. */
const localName = (name: string, { imported }: File): string =>
  [...imported].find(([, original]) => original === name)?.[0] ?? name;

/** Adds a name to the file's import of ours, where it is not there yet. */
function importing(name: string, { imported, lastImport }: File, fixer: Fixer): readonly unknown[] {
  if ([...imported.values()].includes(name) || lastImport === undefined) return [];
  return [fixer.insertTextAfterRange(lastImport.range, `, ${name}`)];
}

const valueNeeded = (scope: Scope): string =>
  scope.where === 'plan'
    ? 'compute with it in step({ ... }, (seen) => ...)'
    : 'compute with it in test(...) or compute(...)';

const checkReference: Check = (node, scope, file) => {
  if (scope.pure) return;
  const is = (member: string): boolean => isReference(nodeAt(node, member), scope, file);
  const complain = (member: string, what: string, fix?: (fixer: Fixer) => readonly unknown[]): void =>
    report(file, node, `${textOf(file, nodeAt(node, member)) || 'this'} is a reference, not a value yet: ${what}`, fix);
  switch (node.type) {
    case 'LogicalExpression': {
      if (!is('left') || node['operator'] === '&&') return;
      const [left, right] = [textOf(file, nodeAt(node, 'left')), textOf(file, nodeAt(node, 'right'))];
      if (scope.where === 'plan') return complain('left', `the other side is never taken; ${valueNeeded(scope)}`);
      const what = `the other side is never taken; write orElse(${left}, ${right})`;
      if (node['operator'] === '||') return complain('left', what);
      return complain('left', what, (fixer) => [
        fixer.replaceTextRange(node.range, `${localName('orElse', file)}(${left}, ${right})`),
        ...importing('orElse', file, fixer),
      ]);
    }
    case 'ConditionalExpression': {
      const condition = conditionOf(nodeAt(node, 'test'));
      if (condition === undefined || !isReference(condition.of, scope, file)) return undefined;
      const [one, other] = [textOf(file, nodeAt(node, 'consequent')), textOf(file, nodeAt(node, 'alternate'))];
      const [yes, no] = condition.isNegated ? [other, one] : [one, other];
      const asked = textOf(file, condition.of);
      const instead =
        scope.where === 'plan'
          ? `choose in step({ ... }, (seen) => ...), or make a call with { when: ${asked} }`
          : `write when(${asked}, ${yes}, ${no})`;
      return report(file, node, `${asked} is a reference, not a value yet: the other side is never taken; ${instead}`);
    }
    case 'BinaryExpression': {
      const member = is('left') ? 'left' : is('right') ? 'right' : undefined;
      if (member === undefined) return undefined;
      const operator = String(node['operator']);
      if (operator === '+' && scope.where === 'view')
        return complain(member, `references are not added; write text\`...\` to join texts, ${valueNeeded(scope)}`);
      return complain(member, `nothing can be told from '${operator}'; ${valueNeeded(scope)}`);
    }
    case 'UnaryExpression':
      return node['operator'] === 'typeof' && is('argument') ? complain('argument', valueNeeded(scope)) : undefined;
    case 'TemplateLiteral': {
      const first = nodesAt(node, 'expressions').find((one) => isReference(one, scope, file));
      if (first === undefined || isTagged(node)) return undefined;
      const message = `${textOf(file, first)} is a reference, not a value yet: `;
      if (scope.where === 'plan') return report(file, node, message + valueNeeded(scope));
      return report(file, node, `${message}write text before the template`, (fixer) => [
        fixer.insertTextBeforeRange(node.range, localName('text', file)),
        ...importing('text', file, fixer),
      ]);
    }
    case 'CallExpression': {
      const name = nameOf(nodeAt(node, 'callee')) ?? '';
      const [argument] = nodesAt(node, 'arguments');
      if (!['Boolean', 'String', 'Number'].includes(name) || !isReference(argument, scope, file)) return undefined;
      return report(file, node, `${textOf(file, argument)} is a reference, not a value yet: ${valueNeeded(scope)}`);
    }
    default:
      return undefined;
  }
};

/** `ref` and `!ref` as a condition. */
function conditionOf(node: Node | undefined): { readonly of: Node; readonly isNegated: boolean } | undefined {
  if (node?.type !== 'UnaryExpression' || node['operator'] !== '!') return node && { of: node, isNegated: false };
  const of = nodeAt(node, 'argument');
  return of && { of, isNegated: true };
}

const isTagged = (node: Node): boolean => nodeAt(node, 'parent')?.type === 'TaggedTemplateExpression';

const checkClock: Check = (node, scope, file) => {
  const callee = nodeAt(node, 'callee');
  const text = textOf(file, callee);
  const isClock =
    (node.type === 'NewExpression' && text === 'Date' && nodesAt(node, 'arguments').length === 0) ||
    (node.type === 'CallExpression' &&
      ['Date.now', 'Math.random', 'performance.now', 'crypto.randomUUID', 'Date'].includes(text));
  if (!isClock) return;
  const why = scope.pure
    ? 'this function has to give the same for the same values'
    : 'it is written down once, at start, and would be the same for every request';
  report(
    file,
    node,
    `${textOf(file, node)} in ${scope.where === 'plan' ? 'a plan' : 'a view'}: ${why}; hand it over in the input`,
  );
};

export default {
  meta: { name: 'frontage' },
  rules: {
    'no-reference-as-value': ruleOf('Refuses references of plans and views where a value is needed', checkReference),
    'no-clock-in-plan': ruleOf('Refuses clocks and chance in plans and views', checkClock),
  },
};
