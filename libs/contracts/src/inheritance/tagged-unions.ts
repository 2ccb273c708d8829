import {
  isObject,
  mapMembers,
  member,
  memberArray,
  memberObject,
  resolvePointer,
  type JsonObject,
} from '../document/json.js';
import { keepOrigin } from '../document/location.js';
import { mapSchemas } from '../document/map-schemas.js';
import { Families } from './kinds.js';
import { Lineage } from './lineage.js';
import { tagSchema, typedValues } from './tag-values.js';

/** A choice of a union, with the values of the tag that a mapping has for it. */
interface Choice {
  readonly schema: unknown;
  readonly values: readonly string[];
}

interface Union {
  readonly property: string;
  readonly keyword: 'oneOf' | 'anyOf';
  readonly choices: readonly Choice[];
}

/** Deepest nesting of unions that is flattened. */
const maxDepth = 10;

/**
 * The document with each union of a discriminator as one list of kinds:
 * - a choice that is a union with the same tag is replaced by its own choices, since the tag has their values and not its name
 * - where the tag is a number or a boolean, each choice says its values itself: those of a mapping are texts
 * @param document OpenAPI 3.x, its inheritance unfolded
 * @returns the document itself where nothing is to be done; nodes without such unions stay the same objects
 */
export function settleTaggedUnions(document: JsonObject): JsonObject {
  const schemas = resolvePointer(document, ['components', 'schemas']);
  if (!isObject(schemas)) return document;
  const unions = new TaggedUnions(new Lineage(schemas));
  return mapSchemas(document, (schema) => unions.settled(schema));
}

class TaggedUnions {
  readonly #families: Families;

  constructor(private readonly lineage: Lineage) {
    this.#families = new Families(lineage);
  }

  settled(schema: JsonObject): JsonObject {
    const union = unionIn(schema, this.lineage);
    if (union === undefined) return schema;
    const flat = this.#flattened(union, 0);
    const choices = flat.choices.map((choice) => this.#typed(choice, union.property));
    const isSame =
      choices.length === union.choices.length &&
      choices.every(({ schema: one }, at) => one === union.choices[at]?.schema);
    if (isSame) return schema;
    const { oneOf: _, anyOf: __, discriminator, ...rest } = schema;
    const mapping = Object.fromEntries(
      choices.flatMap(({ schema: choice, values }) => values.map((value) => [value, member(choice, '$ref')] as const)),
    );
    const unresolved = mapMembers(memberObject(discriminator, 'mapping') ?? {}, (target) =>
      typeof target === 'string' && targetOf(target, this.lineage) === undefined ? target : undefined,
    );
    const tag = { ...(isObject(discriminator) ? discriminator : {}), mapping: { ...unresolved, ...mapping } };
    return keepOrigin({ ...rest, [flat.keyword]: choices.map((choice) => choice.schema), discriminator: tag }, schema);
  }

  #flattened(union: Union, depth: number): Union {
    let { keyword } = union;
    const found = new Map<string, Choice>();
    for (const choice of union.choices) {
      const target = this.lineage.target(member(choice.schema, '$ref'));
      const inner = target === undefined ? undefined : unionIn(this.lineage.schema(target), this.lineage);
      const isNested = inner !== undefined && inner.property === union.property && depth < maxDepth;
      const flat = isNested ? this.#flattened(inner, depth + 1) : undefined;
      const known = new Set(
        flat?.choices.flatMap(({ schema, values }) => [...values, ...nameOf(schema, this.lineage)]),
      );
      const isNamed = choice.values.every((value) => known.has(value) || value === target);
      const replaced = flat !== undefined && isNamed ? flat : undefined;
      if (replaced?.keyword === 'anyOf') keyword = 'anyOf';
      for (const each of replaced?.choices ?? [choice]) {
        const text = JSON.stringify(each.schema);
        const values = [...new Set([...(found.get(text)?.values ?? []), ...each.values])];
        found.set(text, { schema: each.schema, values });
      }
    }
    return { ...union, keyword, choices: [...found.values()] };
  }

  /** A choice that says the values of its tag, where these are no texts. */
  #typed(choice: Choice, property: string): Choice {
    const { schema, values } = choice;
    const target = this.lineage.target(member(schema, '$ref'));
    if (target === undefined || !isObject(schema)) return choice;
    const own = memberObject(schema, 'properties');
    if (own !== undefined && Object.hasOwn(own, property)) return choice;
    const component = this.lineage.schema(target);
    const type = this.#families.typeOf(component, property);
    if (type === 'string' || this.#families.declaredValues(component, property) !== undefined) return choice;
    const typed = typedValues(values, type);
    if (typed.length === 0) return choice;
    const required = [...new Set([...memberArray(schema, 'required'), property])];
    const properties = { ...own, [property]: tagSchema(typed) };
    return { schema: keepOrigin({ ...schema, properties, required }, schema), values };
  }
}

/** The union of a schema with a discriminator, where all its choices are references. */
function unionIn(schema: unknown, lineage: Lineage): Union | undefined {
  const discriminator = memberObject(schema, 'discriminator');
  const property = member(discriminator, 'propertyName');
  if (typeof property !== 'string') return undefined;
  const [oneOf, anyOf] = [memberArray(schema, 'oneOf'), memberArray(schema, 'anyOf')];
  const listed = oneOf.length > 0 ? oneOf : anyOf;
  if (listed.length === 0 || (oneOf.length > 0 && anyOf.length > 0)) return undefined;
  if (member(discriminator, 'defaultMapping') !== undefined) return undefined;
  const mapping = Object.entries(memberObject(discriminator, 'mapping') ?? {});
  const choices = listed.map((choice) => {
    const target = lineage.target(member(choice, '$ref'));
    const values = mapping.flatMap(([value, to]) =>
      target !== undefined && typeof to === 'string' && targetOf(to, lineage) === target ? [value] : [],
    );
    return { schema: choice, values };
  });
  return { property, keyword: oneOf.length > 0 ? 'oneOf' : 'anyOf', choices };
}

/** A value of a mapping is a reference, or the bare name of a component. */
function targetOf(text: string, lineage: Lineage): string | undefined {
  return lineage.target(text) ?? (lineage.schema(text) === undefined ? undefined : text);
}

/** The value of the tag that a choice has without a mapping. */
function nameOf(choice: unknown, lineage: Lineage): readonly string[] {
  const name = lineage.target(member(choice, '$ref'));
  return name === undefined ? [] : [name];
}
