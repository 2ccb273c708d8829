import { isObject, member, memberArray, memberObject, parsePointer, type JsonObject } from '../document/json.js';

/** The `discriminator` of a schema, its mapping resolved to components. */
export interface Tag {
  readonly property: string;
  /** Components by tag value; a value whose target is no component is not in it. */
  readonly mapping: ReadonlyMap<string, string>;
}

/** Keywords that say nothing about the members of an object. */
const notes: ReadonlySet<string> = new Set(
  'allOf type title description deprecated nullable readOnly writeOnly default example examples externalDocs xml'.split(
    ' ',
  ),
);

/** The inheritance among the component schemas of a document: a schema inherits from the components that its `allOf` refers to. */
export class Lineage {
  readonly #tags = new Map<string, Tag>();
  readonly #parents = new Map<string, readonly string[]>();
  readonly #children = new Map<string, string[]>();

  constructor(readonly schemas: JsonObject) {
    for (const [name, schema] of Object.entries(schemas)) {
      const tag = this.#readTag(schema);
      if (tag !== undefined) this.#tags.set(name, tag);
      const listed = this.#listedBy(name);
      // A schema that is a choice among others and one of these, too, is no kind of it.
      this.#parents.set(
        name,
        [...this.#inheritedBy(schema)].filter((parent) => !listed.has(parent)),
      );
    }
    for (const [name, parents] of this.#parents)
      if (this.#isAlias(name)) this.#parents.set(name, []);
      else for (const parent of parents) this.#children.set(parent, [...this.childrenOf(parent), name]);
  }

  schema(name: string): JsonObject | undefined {
    return memberObject(this.schemas, name);
  }

  /** The component behind a reference; a component that is only a reference stands for the one that it names. */
  target(reference: unknown): string | undefined {
    const seen = new Set<string>();
    for (let next = reference; typeof next === 'string';) {
      const [section, key, name, ...rest] = parsePointer(next.replace(/^#/, '')) ?? [];
      const isComponent = next.startsWith('#/') && section === 'components' && key === 'schemas' && rest.length === 0;
      if (!isComponent || name === undefined || seen.has(name)) return undefined;
      const schema = this.schema(name);
      if (schema === undefined) return undefined;
      if (
        typeof member(schema, '$ref') !== 'string' ||
        Object.keys(schema).some((each) => each !== '$ref' && !notes.has(each))
      )
        return name;
      seen.add(name);
      next = schema['$ref'];
    }
    return undefined;
  }

  parentsOf(name: string): readonly string[] {
    return this.#parents.get(name) ?? [];
  }

  childrenOf(name: string): readonly string[] {
    return this.#children.get(name) ?? [];
  }

  /** Everything that a component inherits from, nearest first; never the component itself. */
  ancestorsOf(name: string): ReadonlySet<string> {
    const found = new Set<string>();
    const pending = [...this.parentsOf(name)];
    for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
      if (found.has(next) || next === name) continue;
      found.add(next);
      pending.push(...this.parentsOf(next));
    }
    return found;
  }

  /** Everything that inherits from a component; never the component itself. */
  descendantsOf(name: string): readonly string[] {
    const found = new Set<string>();
    const pending = [...this.childrenOf(name)];
    for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
      if (found.has(next) || next === name) continue;
      found.add(next);
      pending.push(...this.childrenOf(next));
    }
    return [...found];
  }

  /** The tag that a component declares itself. */
  tagOf(name: string): Tag | undefined {
    return this.#tags.get(name);
  }

  /** The alternatives that a component lists itself. */
  choicesOf(name: string): readonly unknown[] {
    const schema = this.schema(name);
    return [...memberArray(schema, 'oneOf'), ...memberArray(schema, 'anyOf')];
  }

  /** True if one of its alternatives inherits from the component, which frameworks for Java write: the two refer to each other. */
  listsItsHeirs(name: string): boolean {
    return this.choicesOf(name).some((choice) => {
      const target = this.target(member(choice, '$ref'));
      return target !== undefined && this.ancestorsOf(target).has(name);
    });
  }

  /** Components that the alternatives of a component lead to, through alternatives alone. */
  #listedBy(name: string): ReadonlySet<string> {
    const found = new Set<string>();
    const pending = [name];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      for (const choice of this.choicesOf(next)) {
        const target = this.target(member(choice, '$ref'));
        if (target === undefined || found.has(target)) continue;
        found.add(target);
        pending.push(target);
      }
    }
    return found;
  }

  #readTag(schema: unknown): Tag | undefined {
    const discriminator = discriminatorIn(schema);
    const property = typeof discriminator === 'string' ? discriminator : member(discriminator, 'propertyName');
    if (typeof property !== 'string') return undefined;
    const mapping = new Map<string, string>();
    for (const [value, target] of Object.entries(memberObject(discriminator, 'mapping') ?? {})) {
      const name = typeof target === 'string' ? (this.target(target) ?? this.#named(target)) : undefined;
      if (name !== undefined) mapping.set(value, name);
    }
    return { property, mapping };
  }

  /** A value of a mapping may be the bare name of a component. */
  #named(target: string): string | undefined {
    return Object.hasOwn(this.schemas, target) ? target : undefined;
  }

  /** Components that `allOf` refers to; a reference with members beside it is read as one of `allOf`. */
  *#inheritedBy(schema: unknown): Iterable<string> {
    const reference = member(schema, '$ref');
    const own = isObject(schema) && Object.keys(schema).some((key) => key !== '$ref' && !notes.has(key));
    const target = own ? this.target(reference) : undefined;
    if (target !== undefined) yield target;
    for (const part of memberArray(schema, 'allOf')) {
      const inherited = this.target(member(part, '$ref'));
      if (inherited !== undefined) yield inherited;
      else yield* this.#inheritedBy(part);
    }
  }

  /** A component that adds only notes to another one is another name for it, and no kind, where the mapping does not name it. */
  #isAlias(name: string): boolean {
    const schema = this.schema(name);
    const parts = memberArray(schema, 'allOf');
    const [parent] = this.parentsOf(name);
    if (schema === undefined || parent === undefined || parts.length !== 1) return false;
    if (Object.keys(schema).some((key) => !notes.has(key) && !key.startsWith('x-'))) return false;
    const tags = [parent, ...this.ancestorsOf(parent)].flatMap((each) => this.#tags.get(each) ?? []);
    const listed = [parent, ...this.ancestorsOf(parent)].flatMap((each) => this.choicesOf(each));
    if (listed.some((choice) => this.target(member(choice, '$ref')) === name)) return false;
    if (tags.some(({ mapping }) => [...mapping.values()].includes(name))) return false;
    return listed.length > 0 || tags.some(({ mapping }) => mapping.size > 0);
  }
}

/** The discriminator of a schema; generators for .NET write it in an inline part of `allOf`. */
export function discriminatorIn(schema: unknown): unknown {
  const own = member(schema, 'discriminator');
  if (own !== undefined) return own;
  return memberArray(schema, 'allOf')
    .map(discriminatorIn)
    .find((each) => each !== undefined);
}
