/** Words that cannot be declared at the top of a module of strict TypeScript, and names that generated files use themselves. */
const reserved: ReadonlySet<string> = new Set(
  `break case catch class const continue debugger default delete do else enum export extends false finally for function if import in
  instanceof new null return super switch this throw true try typeof var void while with yield let static implements interface package
  private protected public await async of arguments eval undefined NaN Infinity globalThis require exports module Object Promise then
  any unknown never number bigint boolean string symbol object type as satisfies keyof infer is asserts abstract declare namespace readonly
  unique get set
  Contract Operation contract schemas operations Record Uint8Array WithRequired Omit Array ReadonlyArray`.split(/\s+/),
);

export interface ExportName {
  /** The name inside the file. */
  readonly local: string;
  /** The name outside. */
  readonly exported: string;
}

/** Gives out names for the exports of one file, each once, always in the same order. */
export class ExportNames {
  readonly #locals = new Set<string>(reserved);
  readonly #exported = new Set<string>();

  claim(wanted: string): ExportName {
    let exported = wanted;
    for (let count = 2; this.#exported.has(exported) || ownExports.has(exported); count++)
      exported = `${wanted}_${count}`;
    let local = exported;
    while (this.#locals.has(local)) local += '_';
    this.#exported.add(exported);
    this.#exported.add(local);
    this.#locals.add(local);
    return { local, exported };
  }
}

// `then` among the exports would make `await import()` call it.
const ownExports: ReadonlySet<string> = new Set(['contract', 'schemas', 'operations', 'then']);

/** The name of a component as a name of a type: `order-line` becomes `orderLine`, `201` becomes `_201`. */
export function toTypeName(name: string): string {
  const joined = name
    .split(/[^\p{ID_Continue}$]+/u)
    .map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join('');
  if (joined === '') return 'Schema';
  return /^[\p{ID_Start}_$]/u.test(joined) ? joined : `_${joined}`;
}
