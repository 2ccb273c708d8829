import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ContractError, formatLocation, type ContractWarning, type Location } from './location.js';
import { parseDocument, type ParseLimits } from './parse-document.js';

export interface LoadedDocument {
  /** `file:` or `https:` URL, without fragment. */
  readonly url: string;
  readonly file: string;
  readonly value: unknown;
}

export interface LoaderOptions {
  readonly limits: ParseLimits;
  readonly allowRemote: boolean;
  /** File names in messages are relative to this folder. */
  readonly cwd: string;
  /** The folder that files are read from. @default the folder of the first document */
  readonly root?: string;
}

const remoteTimeoutMs = 30_000;
const maxRedirects = 5;

/** Loads the documents of one contract, each once, and none from outside its folder. */
export class DocumentLoader {
  readonly warnings: ContractWarning[] = [];
  readonly #documents = new Map<string, LoadedDocument | string>();

  /** @param root the only folder that files are read from; undefined where no file may be read */
  private constructor(
    private readonly root: string | undefined,
    private readonly options: LoaderOptions,
  ) {}

  /** @param source path, or `http:` or `https:` URL, of the first document */
  static async open(source: string, options: LoaderOptions): Promise<DocumentLoader> {
    if (isRemote(source)) return new DocumentLoader(undefined, options);
    const file = await realpath(source).catch(() => {
      throw new ContractError('there is no such file', { file: source, line: 1, column: 1 });
    });
    if (options.root === undefined) return new DocumentLoader(dirname(file), options);
    const start: Location = { file: source, line: 1, column: 1 };
    const root = await realpath(options.root).catch(() => {
      throw new ContractError(`there is no folder ${options.root}, which --root names`, start);
    });
    if (!isWithin(root, file))
      throw new ContractError(`the contract is not in the folder ${options.root}, which --root names`, start);
    return new DocumentLoader(root, options);
  }

  /**
   * @param text is taken as the content instead of the source
   * @throws {ContractError} when the document cannot be read
   */
  async entry(source: string, text?: string): Promise<LoadedDocument & { readonly text: string }> {
    const document = isRemote(source) ? await this.#remoteEntry(source, text) : await this.#fileEntry(source, text);
    this.#documents.set(document.url, document);
    return document;
  }

  async #fileEntry(source: string, given?: string): Promise<LoadedDocument & { readonly text: string }> {
    const file = await realpath(source);
    const text = given ?? (await this.#readFile(file));
    return { ...this.#parse(pathToFileURL(file).href, this.#name(file), text), text };
  }

  async #remoteEntry(source: string, given?: string): Promise<LoadedDocument & { readonly text: string }> {
    const fetched = given === undefined ? await this.#download(source) : { url: source, text: given };
    if (typeof fetched === 'string') throw new ContractError(fetched, { file: source, line: 1, column: 1 });
    return { ...this.#parse(fetched.url, source, fetched.text), text: fetched.text };
  }

  /** The document behind a reference, or the reason why it cannot be loaded. */
  async load(url: string): Promise<LoadedDocument | string> {
    const known = this.#documents.get(url);
    if (known !== undefined) return known;
    const document = await this.#load(url).catch((error: unknown) => {
      if (error instanceof ContractError) return `${formatLocation(error.location)}: ${error.reason}`;
      return `${url} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    });
    this.#documents.set(url, document);
    return document;
  }

  loaded(url: string): LoadedDocument | string | undefined {
    return this.#documents.get(url);
  }

  get count(): number {
    return this.#documents.size;
  }

  async #load(url: string): Promise<LoadedDocument | string> {
    if (!url.startsWith('file:')) return this.#fetch(url);
    if (this.root === undefined) return `${url} is a file, which a contract from another host may not refer to`;
    const path = fileURLToPath(url);
    const file = await realpath(path).catch(() => undefined);
    if (file === undefined) return `there is no file ${this.#name(path)}`;
    if (!isWithin(this.root, file)) {
      if (this.options.root !== undefined) return `${this.#name(path)} lies outside the folder that --root names`;
      const outside = `${this.#name(path)} lies outside the folder of the contract; move it in`;
      const both = sharedFolder(this.root, file);
      return both === undefined
        ? outside
        : `${outside}, or name a folder that holds both: --root ${this.#name(both) || '.'}`;
    }
    return this.#parse(url, this.#name(file), await this.#readFile(file));
  }

  async #fetch(url: string): Promise<LoadedDocument | string> {
    if (!/^https?:/.test(url)) return `a reference to ${url} is not supported`;
    if (!this.options.allowRemote)
      return `the remote reference ${url} is refused; download it into the folder or pass --allow-remote`;
    const fetched = await this.#download(url);
    return typeof fetched === 'string' ? fetched : this.#parse(url, url, fetched.text);
  }

  /** A document of another host, or the reason why it cannot be loaded. Redirects are followed within that host. */
  async #download(source: string): Promise<{ readonly url: string; readonly text: string } | string> {
    const signal = AbortSignal.timeout(remoteTimeoutMs);
    try {
      let url = new URL(source);
      for (let count = 0; count <= maxRedirects; count++) {
        const response = await fetch(url, { signal, redirect: 'manual' });
        const location = response.headers.get('location');
        if (response.status >= 300 && response.status < 400 && location !== null) {
          await response.body?.cancel();
          const next = new URL(location, url);
          if (next.host !== url.host || next.protocol !== url.protocol)
            return `${source} redirects to ${next.origin}; name the address there if that is where the contract is`;
          url = next;
          continue;
        }
        if (!response.ok || response.body === null) return `${source} responded with ${response.status}`;
        const text = await this.#readBounded(response.body);
        return text === undefined
          ? `${source} has more than ${this.options.limits.maxBytes} bytes`
          : { url: url.href, text };
      }
      return `${source} redirects more than ${maxRedirects} times`;
    } catch (error) {
      if (signal.aborted) return `${source} did not respond within ${remoteTimeoutMs / 1_000} s`;
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      return `${source} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`;
    }
  }

  async #readBounded(body: AsyncIterable<Uint8Array>): Promise<string | undefined> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of body) {
      size += chunk.byteLength;
      if (size > this.options.limits.maxBytes) return undefined;
      chunks.push(chunk);
    }
    return withoutMark(Buffer.concat(chunks).toString('utf8'));
  }

  async #readFile(file: string): Promise<string> {
    const start: Location = { file: this.#name(file), line: 1, column: 1 };
    const { size } = await stat(file);
    if (size > this.options.limits.maxBytes) {
      throw new ContractError(`the file has ${size} bytes; at most ${this.options.limits.maxBytes} are read`, start);
    }
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw new ContractError(error.code === 'EISDIR' ? 'this is a folder' : error.message, start);
    });
    return withoutMark(text);
  }

  #parse(url: string, file: string, text: string): LoadedDocument {
    const { value, warnings } = parseDocument(file, text, this.options.limits);
    this.warnings.push(...warnings);
    return { url, file, value };
  }

  #name(file: string): string {
    const name = relative(this.options.cwd, file);
    return name.startsWith('..') ? file : name;
  }
}

/** Links are followed before: neither `..` nor a symbolic link leads out. */
function isWithin(folder: string, file: string): boolean {
  return file.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** The folder that holds two files; undefined where that is the root of the file system. */
function sharedFolder(one: string, other: string): string | undefined {
  let folder = one;
  while (!isWithin(folder, other)) folder = dirname(folder);
  return dirname(folder) === folder ? undefined : folder;
}

function isRemote(source: string): boolean {
  return /^https?:\/\//i.test(source);
}

/** Removes a byte order mark. */
function withoutMark(text: string): string {
  return text.replace(/^\uFEFF/, '');
}
