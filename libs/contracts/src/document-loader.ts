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
  /** What file names in messages are relative to. */
  readonly cwd: string;
}

const remoteTimeoutMs = 10_000;

/** Loads the documents of one contract, each once, and none from outside the folder of the first. */
export class DocumentLoader {
  readonly warnings: ContractWarning[] = [];
  readonly #documents = new Map<string, LoadedDocument | string>();

  private constructor(
    private readonly root: string,
    private readonly options: LoaderOptions,
  ) {}

  static async open(path: string, options: LoaderOptions): Promise<DocumentLoader> {
    const file = await realpath(path).catch(() => {
      throw new ContractError('there is no such file', { file: path, line: 1, column: 1 });
    });
    return new DocumentLoader(dirname(file), options);
  }

  /** @throws {ContractError} when the document cannot be read */
  async entry(path: string, text?: string): Promise<LoadedDocument> {
    const file = await realpath(path);
    const url = pathToFileURL(file).href;
    const document = this.#parse(url, this.#name(file), text ?? (await this.#readFile(file)));
    this.#documents.set(url, document);
    return document;
  }

  /** The document behind a reference, or in words why it cannot be had. */
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
    const path = fileURLToPath(url);
    const file = await realpath(path).catch(() => undefined);
    if (file === undefined) return `there is no file ${this.#name(path)}`;
    // Compared after links are followed: neither `..` nor a symbolic link leads out.
    if (!file.startsWith(this.root.endsWith(sep) ? this.root : this.root + sep)) {
      return `${this.#name(path)} lies outside the folder of the contract; move it in`;
    }
    return this.#parse(url, this.#name(file), await this.#readFile(file));
  }

  async #fetch(url: string): Promise<LoadedDocument | string> {
    if (!/^https?:/.test(url)) return `a reference to ${url} is not supported`;
    if (!this.options.allowRemote)
      return `the remote reference ${url} is refused; download it into the folder or pass --allow-remote`;
    const response = await fetch(url, { signal: AbortSignal.timeout(remoteTimeoutMs), redirect: 'error' });
    if (!response.ok || response.body === null) return `${url} answered ${response.status}`;
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body) {
      size += chunk.byteLength;
      if (size > this.options.limits.maxBytes) return `${url} has more than ${this.options.limits.maxBytes} bytes`;
      chunks.push(chunk);
    }
    return this.#parse(url, url, Buffer.concat(chunks).toString('utf8'));
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
    return text.replace(/^\uFEFF/, '');
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
