/** A file of a form, once its head has arrived. */
export interface ArrivedFile {
  /** The name of its member. */
  readonly name: string;
  readonly filename: string | undefined;
  readonly contentType: string;
  /** Its bytes as they arrive; it can be read once. */
  readonly content: AsyncIterable<Uint8Array>;
}

/** A form whose files are still arriving. */
export interface FileSource {
  /**
   * The next file of one of these members, in the order in which they arrive; undefined behind the last one. Files of other members are
   * dropped, and so is the rest of the file before. It rejects where the form cannot be read to its end.
   */
  next(names: ReadonlySet<string>): Promise<ArrivedFile | undefined>;
}

/** A member of a form whose files are still arriving: bytes that can be read once, and that may turn out to be absent. */
export class ArrivingFile implements AsyncIterable<Uint8Array> {
  readonly source: FileSource;
  /** The name of its member in the form that arrives. */
  readonly name: string;

  constructor(source: FileSource, name: string) {
    this.source = source;
    this.name = name;
  }

  /** The bytes of its first file. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const file = await this.source.next(new Set([this.name]));
    if (file !== undefined) yield* file.content;
  }
}
