import type { LoadedDocument } from '../document/document-loader.js';
import { mapMembers, member, memberArray, memberObject, type JsonObject } from '../document/json.js';
import { keepOrigin } from '../document/location.js';
import type { Enclosing } from '../document/node-kinds.js';
import { isComponent } from './load-files.js';
import type { Resolver, Target } from './resolver.js';

export interface KindNames {
  readonly entry: LoadedDocument;
  readonly resolver: Resolver;
  /** The reference to the component that a schema is folded into. */
  toSchema(target: Target): string;
  /** True if a folded schema has another name than it asked for. */
  isRenamed(target: Target): boolean;
}

/**
 * A discriminator whose mapping names components of the folded document, where it named files, relative references or schemas of its own
 * file. Without a mapping, the name of a component is the value of the tag, so a name that another schema took is written down.
 */
export function foldDiscriminator(
  discriminator: JsonObject,
  base: LoadedDocument,
  within: Enclosing,
  names: KindNames,
): JsonObject {
  const mapped = (value: unknown): unknown => {
    const target = typeof value === 'string' ? targetOf(value, base, within, names) : undefined;
    return target === undefined ? value : names.toSchema(target);
  };
  const mapping = mapMembers(memberObject(discriminator, 'mapping') ?? {}, mapped);
  for (const choice of choicesOf(within.schema)) {
    const target = names.resolver.resolve(choice, base, within);
    if ('reason' in target || !names.isRenamed(target)) continue;
    const reference = names.toSchema(target);
    if (!Object.hasOwn(mapping, target.stem) && !Object.values(mapping).includes(reference))
      mapping[target.stem] = reference;
  }
  const fallback = member(discriminator, 'defaultMapping');
  return keepOrigin(
    {
      ...discriminator,
      ...(Object.keys(mapping).length === 0 ? {} : { mapping }),
      ...(fallback === undefined ? {} : { defaultMapping: mapped(fallback) }),
    },
    discriminator,
  );
}

/** Undefined for the name of a component of the first document, which stays, and for a value that leads nowhere. */
function targetOf(value: string, base: LoadedDocument, within: Enclosing, names: KindNames): Target | undefined {
  if (/^[A-Za-z0-9._-]+$/.test(value)) {
    if (isComponent(value, base) && base === names.entry) return undefined;
    const choices = choicesOf(within.schema).map((reference) => names.resolver.resolve(reference, base, within));
    for (const choice of choices) if (!('reason' in choice) && choice.stem === value) return choice;
    if (isComponent(value, names.entry)) return undefined;
  }
  const found = names.resolver.resolve(value, base, within);
  return 'reason' in found ? undefined : found;
}

function choicesOf(schema: JsonObject): readonly string[] {
  return [...memberArray(schema, 'oneOf'), ...memberArray(schema, 'anyOf')]
    .map((choice) => member(choice, '$ref'))
    .filter((reference) => typeof reference === 'string');
}
