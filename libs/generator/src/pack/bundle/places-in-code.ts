import type { ESTree } from 'rolldown/utils';
import { parseSync, Visitor } from 'rolldown/utils';

/** Offsets in the code of a module. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A reference of a module to a file by its own place, which a bundle changes. */
export type PlaceInCode =
  /** A file, named by texts: `new URL('./x', import.meta.url)`, `join(import.meta.dirname, 'x')`. */
  | { readonly kind: 'file'; readonly path: string; readonly gives: 'url' | 'path'; readonly commonjsName?: Range }
  /** A file of a package: `import.meta.resolve('name/x')`, `require.resolve('name/x')`. */
  | { readonly kind: 'packageFile'; readonly specifier: string; readonly gives: 'href' | 'path' }
  /** `require('x')` by a function that `createRequire` made. */
  | { readonly kind: 'require' }
  /** Another use of the name of such a function, where the name is `require`. */
  | { readonly kind: 'requireName' }
  /** `__dirname`, `__filename` */
  | { readonly kind: 'commonjsName'; readonly name: string }
  /** The place of the module in another form, which no bundle can follow. */
  | { readonly kind: 'unknown'; readonly shown: string };

export type FoundPlace = PlaceInCode & { readonly start: number; readonly end: number };

const worthReading = /import\.meta|__dirname|__filename/;

/** Every place in the code of a module, in order. Code that cannot be parsed has none; the bundler reports it. */
export function placesInCode(file: string, code: string): FoundPlace[] {
  if (!worthReading.test(code)) return [];
  const { program, errors, module } = parseSync(file, code);
  if (errors.length > 0) return [];
  return new PlaceFinder(code, module.hasModuleSyntax).find(program);
}

class PlaceFinder {
  readonly #code: string;
  readonly #isModule: boolean;
  readonly #found = new Map<number, FoundPlace>();
  readonly #requires = new Set<string>();
  readonly #declared = new Set<number>();

  constructor(code: string, isModule: boolean) {
    this.#code = code;
    this.#isModule = isModule;
  }

  find(program: ESTree.Program): FoundPlace[] {
    new Visitor({
      VariableDeclarator: (node) => {
        if (node.id.type !== 'Identifier' || node.init === null || !isCreateRequire(node.init)) return;
        this.#requires.add(node.id.name);
        this.#declared.add(node.id.start);
        if (node.id.name === 'require') this.#add(node.id, { kind: 'requireName' });
      },
    }).visit(program);
    new Visitor({
      NewExpression: (node) => this.#url(node),
      CallExpression: (node) => this.#call(node),
    }).visit(program);
    new Visitor({
      MemberExpression: (node) => this.#meta(node),
      Identifier: (node) => this.#identifier(node),
    }).visit(program);
    return this.#found
      .values()
      .toArray()
      .toSorted((a, b) => a.start - b.start);
  }

  #add({ start, end }: Range, place: PlaceInCode): void {
    const isWithin = this.#found.values().some((other) => other.start <= start && end <= other.end);
    if (!isWithin) this.#found.set(start, { ...place, start, end });
  }

  #url(node: ESTree.NewExpression): void {
    const [path, base] = node.arguments;
    if (node.callee.type !== 'Identifier' || node.callee.name !== 'URL' || base === undefined) return;
    const text = textOf(path);
    if (metaProperty(base) !== 'url' || text === undefined || /^[a-z][a-z\d+.-]*:/i.test(text)) return;
    this.#add(node, { kind: 'file', path: decodeURIComponent(text), gives: 'url' });
  }

  #call(node: ESTree.CallExpression): void {
    const { callee, arguments: args } = node;
    const text = textOf(args[0]);
    if (isRequire(callee, this.#requires)) {
      if (text !== undefined) this.#add(callee, { kind: 'require' });
      return;
    }
    if (callee.type !== 'MemberExpression' || callee.computed || callee.property.type !== 'Identifier')
      return this.#join(node);
    const { name } = callee.property;
    if (name === 'resolve' && text !== undefined) {
      if (isMeta(callee.object)) return this.#add(node, { kind: 'packageFile', specifier: text, gives: 'href' });
      if (isRequire(callee.object, this.#requires))
        return this.#add(node, { kind: 'packageFile', specifier: text, gives: 'path' });
    }
    return this.#join(node);
  }

  /** `join(import.meta.dirname, 'a', 'b')`, `path.resolve(__dirname, '../a')` */
  #join(node: ESTree.CallExpression): void {
    const { callee, arguments: args } = node;
    const last = callee.type === 'MemberExpression' ? callee.property : inner(callee);
    if (last.type === 'MemberExpression') return;
    if (last.type !== 'Identifier' || !/^(?:join|resolve)$/.test(last.name) || !isFolder(args[0])) return;
    const texts = args.slice(1).map(textOf);
    if (texts.length === 0 || texts.includes(undefined)) return;
    const [folder] = args;
    const isCommonjs = folder?.type === 'Identifier';
    this.#add(node, {
      kind: 'file',
      path: texts.join('/'),
      gives: 'path',
      ...(isCommonjs && { commonjsName: folder }),
    });
  }

  #meta(node: ESTree.MemberExpression): void {
    const name = metaProperty(node);
    if (name !== 'url' && name !== 'dirname' && name !== 'filename') return;
    // A function of createRequire that is called with texts alone has its calls replaced.
    if (name === 'url' && /createRequire\)?\(\s*$/.test(this.#code.slice(Math.max(0, node.start - 40), node.start)))
      return;
    this.#add(node, { kind: 'unknown', shown: `import.meta.${name}` });
  }

  #identifier(node: Range & { readonly name: string }): void {
    if (!this.#isModule && (node.name === '__dirname' || node.name === '__filename')) {
      const before = this.#code.slice(Math.max(0, node.start - 12), node.start);
      const after = this.#code.slice(node.end, node.end + 2);
      if (/\.\s*$|typeof\s+$|(?:var|let|const)\s+$/.test(before) || /^\s*[:=](?!=)/.test(after)) return;
      this.#add(node, { kind: 'commonjsName', name: node.name });
    }
    if (node.name === 'require' && this.#requires.has('require') && !this.#declared.has(node.start))
      this.#add(node, { kind: 'requireName' });
  }
}

type Node = ESTree.Argument | ESTree.Expression | ESTree.Super;

function textOf(node: ESTree.Argument | undefined): string | undefined {
  if (node?.type === 'Literal') return typeof node.value === 'string' ? node.value : undefined;
  if (node?.type !== 'TemplateLiteral' || node.expressions.length > 0) return undefined;
  return node.quasis[0]?.value.cooked ?? undefined;
}

const isMeta = (node: Node): boolean => node.type === 'MetaProperty' && node.meta.name === 'import';

/** `url` for `import.meta.url` */
function metaProperty(node: Node): string | undefined {
  if (node.type !== 'MemberExpression' || node.computed || !isMeta(node.object)) return undefined;
  return node.property.type === 'Identifier' ? node.property.name : undefined;
}

const isFolder = (node: ESTree.Argument | undefined): boolean =>
  node !== undefined && (metaProperty(node) === 'dirname' || (node.type === 'Identifier' && node.name === '__dirname'));

/** `(0, path_1.join)(...)`: what compilers write for an imported function. */
function inner(callee: ESTree.Expression | ESTree.Super): Node {
  const plain = callee.type === 'ParenthesizedExpression' ? callee.expression : callee;
  if (plain.type !== 'SequenceExpression') return plain;
  const last = plain.expressions.at(-1);
  return last?.type === 'MemberExpression' && last.property.type === 'Identifier' ? last.property : (last ?? plain);
}

function isCreateRequire(node: Node): boolean {
  if (node.type !== 'CallExpression') return false;
  const { callee, arguments: args } = node;
  const name = callee.type === 'MemberExpression' && !callee.computed ? callee.property : callee;
  return (
    name.type === 'Identifier' &&
    name.name === 'createRequire' &&
    args[0] !== undefined &&
    metaProperty(args[0]) === 'url'
  );
}

const isRequire = (node: Node, names: ReadonlySet<string>): boolean =>
  isCreateRequire(node) || (node.type === 'Identifier' && names.has(node.name));
