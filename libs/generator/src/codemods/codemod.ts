/** A change of sources after a change of a library's API. Its result, changed again, stays as it is. */
export interface Codemod {
  /** Its number and its name: `0001-response-names`. A folder that has it never gets it again. */
  readonly name: string;
  /** The change, as a person would say it. */
  readonly description: string;
  /** The new text of a TypeScript file; the same text where it has nothing to change. */
  change(path: string, text: string): string;
}
