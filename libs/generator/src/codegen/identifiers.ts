/** Words that a strict TypeScript module cannot declare, and names that generated files use themselves. */
const reserved: ReadonlySet<string> = new Set(
  `break case catch class const continue debugger default delete do else enum export extends false finally for function if import in
  instanceof new null return super switch this throw true try typeof var void while with yield let static implements interface package
  private protected public await async of arguments eval undefined NaN Infinity globalThis require exports module Object Promise then
  any unknown never number bigint boolean string symbol object type as satisfies keyof infer is asserts abstract declare namespace readonly
  unique get set
  Binary Contract FilePart Operation contract schemas operations Record Uint8Array WithRequired Omit Array ReadonlyArray`.split(
    /\s+/,
  ),
);

export interface ExportName {
  /** The name within the file. */
  readonly local: string;
  /** The name for importers. */
  readonly exported: string;
}

/** Assigns the names of the values or types that one file exports, each once, always in the same order. */
export class ExportNames {
  readonly #locals = new Set<string>(reserved);
  readonly #exported: Set<string>;

  /** @param taken names that the file already exports */
  constructor(taken: Iterable<string> = []) {
    this.#exported = new Set(taken);
  }

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

// `await import()` would call an export with the name `then`.
const ownExports: ReadonlySet<string> = new Set(['contract', 'schemas', 'operations', 'then']);
