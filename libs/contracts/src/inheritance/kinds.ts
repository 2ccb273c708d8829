import { isObject, member, memberArray, memberObject, memberText, type JsonObject } from '../document/json.js';
import type { Lineage, Tag } from './lineage.js';
import { isTagValue, typedValues, type TagType, type TagValue } from './tag-values.js';

/** One alternative of a parent. */
export interface Kind {
  readonly name: string;
  /** The parent itself is the kind: its own members and no others. */
  readonly isSelf: boolean;
  /** The values of the tag that mean this kind; undefined where the contract contradicts itself, or has no tag. */
  readonly values: readonly TagValue[] | undefined;
}

/** Longest chain of schemas that is followed for a tag. */
const maxDepth = 20;

/** The families of a document: parents whose kinds inherit from them. */
export class Families {
  readonly #tags = new Map<string, Tag | undefined>();
  readonly parents: ReadonlySet<string>;

  constructor(readonly lineage: Lineage) {
    const names = Object.keys(lineage.schemas);
    this.parents = new Set(names.filter((name) => this.#isParent(name)));
  }

  /** The tag of a component, its own or the nearest that it inherits. */
  tagOf(name: string): Tag | undefined {
    if (this.#tags.has(name)) return this.#tags.get(name);
    const holders = [name, ...this.lineage.ancestorsOf(name)];
    const holder = holders.find((each) => this.lineage.tagOf(each) !== undefined && !this.#isPlainUnion(each));
    const tag = holder === undefined ? undefined : this.lineage.tagOf(holder);
    this.#tags.set(name, tag);
    return tag;
  }

  /** The kinds of a parent in the order of the contract; a kind that is a parent with the same tag is replaced by its own kinds. */
  kindsOf(parent: string): readonly Kind[] {
    const tag = this.tagOf(parent);
    const found = new Map<string, Kind>();
    const seen = new Set<string>();
    const visit = (name: string): void => {
      if (seen.has(name)) return;
      seen.add(name);
      if (this.#isConcrete(name, tag)) found.set(name, this.#kind(parent, name, true, tag));
      for (const heir of this.#heirsOf(name)) {
        if (heir === name) continue;
        if (this.parents.has(heir) && this.tagOf(heir)?.property === tag?.property) visit(heir);
        else if (!found.has(heir)) found.set(heir, this.#kind(parent, heir, false, tag));
      }
    };
    visit(parent);
    const kinds = [...found.values()];
    const rest = this.#valuesOfNone(parent, kinds, tag);
    return rest.length === 0 ? kinds : [...kinds, { name: parent, isSelf: true, values: rest }];
  }

  /** The values that the parent lists for its tag and no kind has: such a value has the members of the parent. */
  #valuesOfNone(parent: string, kinds: readonly Kind[], tag: Tag | undefined): readonly TagValue[] {
    if (tag === undefined || kinds.some(({ name, values }) => name === parent || values === undefined)) return [];
    const taken = new Set(kinds.flatMap(({ values }) => values ?? []));
    const listed = this.declaredValues(this.lineage.schema(parent), tag.property) ?? [];
    // A name of a schema below is the value of a level that has kinds of its own.
    return listed.filter(isTagValue).filter((value) => !taken.has(value) && !this.#isBelow(parent, String(value)));
  }

  #isBelow(parent: string, name: string): boolean {
    return this.lineage.schema(name) !== undefined && this.lineage.ancestorsOf(name).has(parent);
  }

  /** The values that all parts of a schema allow for a member; undefined where none lists any. */
  declaredValues(schema: unknown, property: string, depth = 0): readonly unknown[] | undefined {
    if (!isObject(schema) || depth > maxDepth) return undefined;
    return shared([
      this.#valuesIn(member(memberObject(schema, 'properties'), property), depth),
      ...this.#partsOf(schema).map((part) => this.declaredValues(part, property, depth + 1)),
    ]);
  }

  /** True if an object must have a member. */
  isRequired(schema: unknown, property: string, depth = 0): boolean {
    if (!isObject(schema) || depth > maxDepth) return false;
    if (memberArray(schema, 'required').includes(property)) return true;
    return this.#partsOf(schema).some((part) => this.isRequired(part, property, depth + 1));
  }

  /** The type of a tag; a text where the schemas do not say. */
  typeOf(schema: unknown, property: string, depth = 0): TagType {
    if (!isObject(schema) || depth > maxDepth) return 'string';
    const own = member(memberObject(schema, 'properties'), property);
    const target = this.lineage.target(member(own, '$ref'));
    const type = member(target === undefined ? own : this.lineage.schema(target), 'type');
    if (type === 'integer' || type === 'number' || type === 'boolean') return type;
    for (const part of this.#partsOf(schema)) {
      const found = this.typeOf(part, property, depth + 1);
      if (found !== 'string') return found;
    }
    return 'string';
  }

  #valuesIn(schema: unknown, depth: number): readonly unknown[] | undefined {
    if (!isObject(schema) || depth > maxDepth) return undefined;
    if (Object.hasOwn(schema, 'const')) return [schema['const']];
    if (Array.isArray(schema['enum']) && schema['enum'].length > 0) return schema['enum'];
    return shared(this.#partsOf(schema).map((part) => this.#valuesIn(part, depth + 1)));
  }

  /** The schemas that a schema is made of. */
  #partsOf(schema: JsonObject): readonly unknown[] {
    const target = this.lineage.target(member(schema, '$ref'));
    return [...memberArray(schema, 'allOf'), ...(target === undefined ? [] : [this.lineage.schema(target)])];
  }

  #isParent(name: string): boolean {
    if (this.#isPlainUnion(name)) return false;
    if (this.lineage.listsItsHeirs(name)) return true;
    return this.tagOf(name) !== undefined && this.#heirsOf(name).some((heir) => heir !== name);
  }

  /** Alternatives that do not inherit from the component are an ordinary union. */
  #isPlainUnion(name: string): boolean {
    return this.lineage.choicesOf(name).length > 0 && !this.lineage.listsItsHeirs(name);
  }

  /** Listed ones where the contract lists them, else all that inherit; with them the targets of the mapping. */
  #heirsOf(name: string): readonly string[] {
    const listed = this.lineage.choicesOf(name).flatMap((choice) => this.lineage.target(member(choice, '$ref')) ?? []);
    const mapped = [...(this.lineage.tagOf(name)?.mapping.values() ?? [])];
    return [...new Set([...(listed.length > 0 ? listed : this.lineage.childrenOf(name)), ...mapped])];
  }

  /** True if a parent is a kind itself: its contract gives it a value of the tag, or lists it. */
  #isConcrete(name: string, tag: Tag | undefined): boolean {
    if (!this.parents.has(name)) return false;
    if (this.lineage.choicesOf(name).some((choice) => this.lineage.target(member(choice, '$ref')) === name))
      return true;
    if (tag === undefined) return false;
    if (this.#mappedTo(name, tag.property).length > 0) return true;
    const schema = this.lineage.schema(name);
    const own = this.declaredValues(schema, tag.property);
    if (own !== undefined) return own.includes(name);
    if (member(member(memberObject(schema, 'properties'), tag.property), 'default') === name) return true;
    // In the middle of a hierarchy, a schema is a kind of the one above it like any other.
    const above = [...this.lineage.ancestorsOf(name)].flatMap((each) => this.lineage.tagOf(each) ?? []);
    return above.some(({ property }) => property === tag.property) && !this.#hasMapping(name, tag.property);
  }

  #kind(parent: string, name: string, isSelf: boolean, tag: Tag | undefined): Kind {
    if (tag === undefined) return { name, isSelf, values: undefined };
    const values = this.#valuesOf(parent, name, tag.property);
    if (values === undefined || isSelf || !this.parents.has(name)) return { name, isSelf, values };
    // A level with a tag of its own: its kinds say their own names in the tag above, or that of the level.
    const below = this.lineage.descendantsOf(name).flatMap((each) => this.#valuesOf(parent, each, tag.property) ?? []);
    return { name, isSelf, values: [...new Set([...values, ...below])] };
  }

  #valuesOf(parent: string, name: string, property: string): readonly TagValue[] | undefined {
    const schema = this.lineage.schema(name);
    const declared = this.declaredValues(schema, property);
    const mapped = this.#mappedTo(name, property, parent);
    const extension = memberText(schema, 'x-ms-discriminator-value') ?? memberText(schema, 'x-discriminator-value');
    const named = mapped.length > 0 ? mapped : extension === undefined ? undefined : [extension];
    if (named === undefined && declared?.length === 1) return declared.filter(isTagValue);
    const values = typedValues(named ?? [name], this.typeOf(schema, property));
    const allowed = declared === undefined ? values : values.filter((value) => declared.includes(value));
    return allowed.length > 0 ? allowed : undefined;
  }

  /** The values that map to a component, from every schema of its family that has the same tag. */
  #mappedTo(name: string, property: string, parent?: string): readonly string[] {
    const above = [name, ...this.lineage.ancestorsOf(name)];
    const holders = parent === undefined ? above : [...above, parent, ...this.lineage.ancestorsOf(parent)];
    const tags = [...new Set(holders)].flatMap((each) => this.lineage.tagOf(each) ?? []);
    const values = tags
      .filter((tag) => tag.property === property)
      .flatMap(({ mapping }) => [...mapping].flatMap(([value, target]) => (target === name ? [value] : [])));
    return [...new Set(values)];
  }

  #hasMapping(name: string, property: string): boolean {
    const holders = [name, ...this.lineage.ancestorsOf(name)].flatMap((each) => this.lineage.tagOf(each) ?? []);
    return holders.some((tag) => tag.property === property && tag.mapping.size > 0);
  }
}

function shared(lists: readonly (readonly unknown[] | undefined)[]): readonly unknown[] | undefined {
  const [first, ...others] = lists.filter((list) => list !== undefined);
  return first?.filter((value) => others.every((list) => list.includes(value)));
}
