import {
  escapePointer,
  isObject,
  mapMembers,
  member,
  memberObject,
  resolvePointer,
  type JsonObject,
} from '../document/json.js';
import { keepOrigin } from '../document/location.js';
import { mapReferences } from '../document/node-kinds.js';
import { Families, type Kind } from './kinds.js';
import { discriminatorIn, Lineage } from './lineage.js';
import { isNullable, open, withoutTag } from './schema-parts.js';
import { tagSchema, type TagValue } from './tag-values.js';

const section = '#/components/schemas/';
/** Notes of a parent, which its union keeps; with them its examples, since the example of one kind is none of another. */
const notes = 'title description deprecated externalDocs readOnly writeOnly default example examples'.split(' ');

/**
 * The document with its inheritance written as unions (OpenAPI 3.1 section 4.8.25.1). A parent that has a discriminator, and kinds that are
 * `allOf` of it, becomes the union of its kinds. The members that it declares become a component of their own (`VehicleBase`), and its kinds
 * refer to that one.
 * @param document OpenAPI 3.x, its references inside the document
 * @returns the document itself where it has no inheritance
 */
export function unfoldInheritance(document: JsonObject): JsonObject {
  const schemas = resolvePointer(document, ['components', 'schemas']);
  if (!isObject(schemas)) return document;
  const families = new Families(new Lineage(schemas));
  return families.parents.size === 0 ? document : new Unfolding(document, schemas, families).unfold();
}

class Unfolding {
  readonly #bases = new Map<string, string>();
  readonly #kinds = new Map<string, readonly Kind[]>();
  /** The values of each tag that a kind may have, over all its parents, by the name of the kind. */
  readonly #values = new Map<string, Map<string, Set<TagValue> | undefined>>();

  constructor(
    private readonly document: JsonObject,
    private readonly schemas: JsonObject,
    private readonly families: Families,
  ) {
    const taken = new Set(Object.keys(schemas));
    for (const parent of families.parents) {
      const base = freeName(`${parent}Base`, taken);
      taken.add(base);
      this.#bases.set(parent, base);
      const kinds = families.kindsOf(parent);
      this.#kinds.set(parent, kinds);
      for (const kind of kinds) if (!kind.isSelf) this.#collect(kind, families.tagOf(parent)?.property);
    }
  }

  unfold(): JsonObject {
    const written: JsonObject = {};
    for (const [name, schema] of Object.entries(this.schemas)) {
      if (!isObject(schema)) written[name] = schema;
      else if (!this.families.parents.has(name)) written[name] = this.#tagged(name, schema, this.#heir(name, schema));
      else {
        written[name] = this.#union(name, schema);
        written[this.#bases.get(name) ?? name] = open(this.#heir(name, this.#base(name, schema)));
      }
    }
    const components = memberObject(this.document, 'components') ?? {};
    const unfolded = keepOrigin({ ...this.document, components: { ...components, schemas: written } }, this.document);
    // A pointer into a parent (`.../Vehicle/properties/id`) leads to the members, which its base has now.
    const moved = mapReferences(unfolded, 'object', {
      reference: (holder, reference) => {
        const name = [...this.#bases.keys()].find((each) => reference.startsWith(`${referenceTo(each)}/`));
        if (name === undefined) return holder;
        const inside = reference.slice(referenceTo(name).length);
        return keepOrigin({ ...holder, $ref: referenceTo(this.#bases.get(name) ?? name) + inside }, holder);
      },
    });
    return isObject(moved) ? moved : unfolded;
  }

  #collect({ name, values }: Kind, property: string | undefined): void {
    if (property === undefined) return;
    const byProperty = this.#values.get(name) ?? new Map<string, Set<TagValue> | undefined>();
    const known = byProperty.has(property) ? byProperty.get(property) : new Set<TagValue>();
    const isKnown = known !== undefined && values !== undefined;
    byProperty.set(property, isKnown ? new Set([...known, ...values]) : undefined);
    this.#values.set(name, byProperty);
  }

  #union(name: string, schema: JsonObject): JsonObject {
    const tag = this.families.tagOf(name);
    const kinds = this.#kinds.get(name) ?? [];
    const inline = this.families.lineage.choicesOf(name).filter((choice) => typeof member(choice, '$ref') !== 'string');
    const choices = [
      ...kinds.map((kind) => this.#choice(name, kind, tag?.property)),
      ...inline.map((choice) => ({ allOf: [{ $ref: referenceTo(this.#bases.get(name) ?? name) }, choice] })),
      ...(isNullable(schema) ? [{ type: 'null' }] : []),
    ];
    const isExact = inline.length === 0 && areApart(kinds);
    const mapping = kinds.flatMap((kind) =>
      (kind.values ?? []).map((value) => [String(value), referenceTo(this.#componentOf(kind))] as const),
    );
    return keepOrigin(
      {
        ...Object.fromEntries(notes.filter((key) => Object.hasOwn(schema, key)).map((key) => [key, schema[key]])),
        // Without a tag, a value of one kind may fit another one too.
        [isExact ? 'oneOf' : 'anyOf']: choices,
        // If no kind has a value that its tag can hold, the names of the kinds are none either.
        ...(tag === undefined || (kinds.length > 0 && kinds.every(({ values }) => values === undefined))
          ? {}
          : {
              discriminator: {
                propertyName: tag.property,
                mapping: { ...this.#lost(name), ...Object.fromEntries(mapping) },
              },
            }),
      },
      schema,
    );
  }

  /** Entries of the mapping that name no component: they stay, so that the reader of the union reports them. */
  #lost(name: string): JsonObject {
    const mapping = memberObject(discriminatorIn(this.schemas[name]), 'mapping') ?? {};
    const known = this.families.lineage.tagOf(name)?.mapping;
    return Object.fromEntries(Object.entries(mapping).filter(([value]) => known?.has(value) !== true));
  }

  #choice(parent: string, kind: Kind, property: string | undefined): JsonObject {
    const $ref = referenceTo(this.#componentOf(kind));
    const schema = this.schemas[kind.name];
    const isHeir = kind.isSelf || this.families.lineage.ancestorsOf(kind.name).has(parent);
    // A kind that only the mapping names has the members of the parent all the same.
    const base = isHeir ? {} : { allOf: [{ $ref: referenceTo(this.#bases.get(parent) ?? parent) }] };
    if (property === undefined || kind.values === undefined) return { $ref, ...base };
    const own = this.families.declaredValues(schema, property);
    const given = kind.isSelf ? undefined : this.#values.get(kind.name)?.get(property);
    const isLeaf = !this.families.parents.has(kind.name);
    const isFixed = own?.length === 1 || (isLeaf && given?.size === kind.values.length);
    if (isFixed && this.families.isRequired(schema, property)) return { $ref, ...base };
    return {
      $ref,
      ...base,
      properties: { [property]: tagSchema(kind.values) },
      required: [property],
    };
  }

  #componentOf({ name, isSelf }: Kind): string {
    return isSelf ? (this.#bases.get(name) ?? name) : name;
  }

  /** A schema that inherits, with its references to parents leading to their bases. */
  #heir(name: string, schema: JsonObject): JsonObject {
    const inherited = this.families.lineage.parentsOf(name).filter((parent) => this.#bases.has(parent));
    return inherited.length === 0 ? schema : open(this.#rebased(schema));
  }

  #rebased(schema: JsonObject): JsonObject {
    const target = this.families.lineage.target(member(schema, '$ref'));
    const base = target === undefined ? undefined : this.#bases.get(target);
    return keepOrigin(
      {
        ...schema,
        ...(base === undefined ? {} : { $ref: referenceTo(base) }),
        ...(Array.isArray(schema['allOf'])
          ? { allOf: schema['allOf'].map((part: unknown) => (isObject(part) ? open(this.#rebased(part)) : part)) }
          : {}),
      },
      schema,
    );
  }

  #base(name: string, schema: JsonObject): JsonObject {
    const lists = this.families.lineage.choicesOf(name).length > 0;
    return mapMembers(schema, (value, key) => {
      if (key === 'discriminator' || key === 'nullable' || key === 'example' || key === 'examples') return undefined;
      if (key === 'type' && Array.isArray(value)) return 'object';
      if (key === 'allOf' && Array.isArray(value)) return value.map(withoutTag);
      return lists && (key === 'oneOf' || key === 'anyOf') ? undefined : value;
    });
  }

  /** A kind says the values of its tag itself, so that a reference to it alone has them too. */
  #tagged(name: string, original: JsonObject, schema: JsonObject): JsonObject {
    const tags = [...(this.#values.get(name) ?? [])].flatMap(([property, values]) => {
      const declared = this.families.declaredValues(original, property);
      const isSaid = values === undefined || (declared !== undefined && declared.length <= values.size);
      return isSaid ? [] : [{ property, values: [...values] }];
    });
    if (tags.length === 0) return schema;
    const properties = memberObject(schema, 'properties') ?? {};
    const added = tags.map(({ property, values }) => {
      const fixed = tagSchema(values);
      const own = Object.hasOwn(properties, property) ? properties[property] : undefined;
      return [
        property,
        isObject(own) ? { ...own, ...(typeof own['$ref'] === 'string' ? { enum: values } : fixed) } : fixed,
      ];
    });
    return keepOrigin(
      {
        ...schema,
        properties: keepOrigin({ ...properties, ...Object.fromEntries(added) }, properties),
      },
      schema,
    );
  }
}

function areApart(kinds: readonly Kind[]): boolean {
  const all = kinds.flatMap(({ values }) => values ?? []);
  return kinds.every(({ values }) => values !== undefined) && new Set(all).size === all.length;
}

function referenceTo(name: string): string {
  return section + escapePointer(name);
}

function freeName(stem: string, taken: ReadonlySet<string>): string {
  let name = stem;
  for (let count = 2; taken.has(name); count++) name = `${stem}_${count}`;
  return name;
}
