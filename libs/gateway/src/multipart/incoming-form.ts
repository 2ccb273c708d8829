import { Busboy } from '@fastify/busboy';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { FormMember } from '@frontage/aggregation';
import { ArrivingFile, FilePart } from '@frontage/clients';
import type { MultipartLimits } from '@frontage/config';
import { ProblemError } from '@frontage/core';
import { FileQueue } from './file-queue.js';
import { cutOff, formProblem, plainEncodings, tooFew, tooMany, typesText } from './form-problems.js';
import { readTextPart, takesType } from './part-reading.js';

/** A body of a screen that takes a form: text and JSON parts as values, files as {@link FilePart}. */
export type FormValues = Readonly<Record<string, unknown>>;

/** Of the head of one part. */
const maxPartHead = 8 * 1024;

/**
 * A `multipart/form-data` body (RFC 7578) that is read as it arrives. It is ready once `bufferBytes` of its files wait, or at its end: a small
 * form is whole then, and its mistakes are found before anything is sent. Behind that, files pass through, and texts come too late.
 */
export class IncomingForm {
  /** Settles once the handler may begin. */
  readonly ready: Promise<FormValues>;
  readonly #request: IncomingMessage;
  readonly #members: ReadonlyMap<string, FormMember>;
  readonly #limits: MultipartLimits;
  readonly #files: FileQueue;
  readonly #values = new Map<string, unknown[]>();
  readonly #counts = new Map<string, number>();
  readonly #parser: BusboyParser;
  readonly #settle = Promise.withResolvers<FormValues>();
  /** Text parts that have begun and not ended. */
  #reading = 0;
  #isFull = false;
  #isReady = false;
  #isOver = false;
  #problem: ProblemError | undefined;

  /** @throws ProblemError for a content type without a boundary */
  constructor(request: IncomingMessage, members: ReadonlyMap<string, FormMember>, limits: MultipartLimits) {
    this.#request = request;
    this.#members = members;
    this.#limits = limits;
    this.#files = new FileQueue(limits.bufferBytes, () => {
      this.#isFull = true;
      this.#begin();
    });
    this.ready = this.#settle.promise;
    // A request that has ended in the meantime waits for nothing.
    this.ready.catch(() => undefined);
    this.#parser = parserFor(request, limits);
    this.#listen();
  }

  /** The mistake of the client that ended the form, also one that was found while its files were passed on. */
  get problem(): ProblemError | undefined {
    return this.#problem;
  }

  /** The request has ended: what still arrives of the form is not read. */
  close(): void {
    this.#end(new Error('the request has ended'));
  }

  #listen(): void {
    const parser = this.#parser;
    parser.on('file', (name: string | undefined, stream, filename, transferEncoding, contentType) =>
      this.#part({ name, filename, transferEncoding, contentType }, stream),
    );
    parser.on('partsLimit', () =>
      this.#refuse(
        formProblem('GW_PAYLOAD_TOO_LARGE', undefined, `The form may have at most ${this.#limits.maxParts} parts.`),
      ),
    );
    parser.on('error', () => this.#refuse(cutOff));
    parser.on('finish', () => this.#finish());
    this.#request.once('error', this.#gone);
    this.#request.once('close', this.#gone);
    this.#request.pipe(parser);
  }

  readonly #gone = (): void => {
    if (!this.#request.complete) this.#end(new Error('the client left'));
  };

  #part({ name, filename, transferEncoding, contentType }: PartHead, stream: Readable): void {
    stream.on('error', () => this.#refuse(cutOff));
    const member = name === undefined ? undefined : this.#members.get(name);
    const problem = this.#isOver ? undefined : this.#problemOf({ name, transferEncoding, contentType }, member);
    if (problem !== undefined) this.#refuse(problem);
    if (this.#isOver || name === undefined || member === undefined) {
      // A part that the contract does not declare goes no further.
      stream.resume();
      return;
    }
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    stream.on('limit', () => {
      const what = member.isFile ? 'file' : 'part';
      const most = member.isFile ? this.#limits.maxFileBytes : this.#limits.maxFieldBytes;
      this.#refuse(formProblem('GW_PAYLOAD_TOO_LARGE', name, `The ${what} may have at most ${most} bytes.`));
    });
    if (member.isFile) this.#files.add({ name, filename, contentType }, stream);
    else this.#readText(name, member, stream);
  }

  /** The facts that the head of a part states about it. */
  #problemOf(
    { name, transferEncoding, contentType }: Omit<PartHead, 'filename'>,
    member: FormMember | undefined,
  ): ProblemError | undefined {
    if (name === undefined) return formProblem('GW_BAD_REQUEST', undefined, 'A part has no name.');
    if (member === undefined) return undefined;
    if (!plainEncodings.has(transferEncoding))
      return formProblem('GW_UNSUPPORTED_MEDIA_TYPE', name, 'The part is taken without a transfer encoding.');
    if (!takesType(member, contentType))
      return formProblem('GW_UNSUPPORTED_MEDIA_TYPE', name, `The part is taken as ${typesText(member)}.`);
    if ((this.#counts.get(name) ?? 0) >= member.atMost) return formProblem('GW_INVALID_INPUT', name, tooMany(member));
    if (this.#isReady && !member.isFile)
      return formProblem('GW_INVALID_INPUT', name, 'The part must stand before the files.');
    return undefined;
  }

  #readText(name: string, member: FormMember, stream: Readable): void {
    const chunks: Buffer[] = [];
    let length = 0;
    this.#reading += 1;
    stream.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= this.#limits.maxFieldBytes) chunks.push(chunk);
      else stream.emit('limit');
    });
    stream.on('end', () => {
      this.#reading -= 1;
      if (this.#isOver) return;
      const value = readTextPart(Buffer.concat(chunks), name, member);
      if (value instanceof ProblemError) return this.#refuse(value);
      const known = this.#values.get(name);
      if (known === undefined) this.#values.set(name, [value]);
      else known.push(value);
      this.#begin();
    });
  }

  /** As many bytes wait as may: the handler begins, and what follows are files. */
  #begin(): void {
    if (!this.#isFull || this.#reading > 0 || this.#isReady || this.#isOver) return;
    this.#isReady = true;
    const files = [...this.#members].flatMap(([name, member]): (readonly [string, unknown])[] => {
      if (!member.isFile) return [];
      const first = this.#files.waiting.find((file) => file.name === name);
      const head = first && { contentType: first.contentType, ...(first.filename && { filename: first.filename }) };
      const file = new FilePart(new ArrivingFile(this.#files, name), member.isList ? {} : head);
      return [[name, member.isList ? [file] : file]];
    });
    this.#settle.resolve(Object.fromEntries([...this.#texts(), ...files]));
  }

  #finish(): void {
    if (this.#isOver) return;
    const missing = [...this.#members].filter(
      ([name, { isFile, isRequired, atLeast }]) =>
        isFile && (this.#counts.get(name) ?? (isRequired ? 0 : atLeast)) < atLeast,
    );
    if (missing.length > 0 && (this.#isReady || missing.some(([, { isList }]) => isList)))
      return this.#refuse(
        new ProblemError('GW_INVALID_INPUT', {
          errors: missing.flatMap(
            ([name, member]) => formProblem('GW_INVALID_INPUT', name, tooFew(member)).options.errors ?? [],
          ),
        }),
      );
    this.#isOver = true;
    this.#release();
    this.#files.end();
    if (this.#isReady) return;
    this.#isReady = true;
    const files = new Map<string, FilePart[]>();
    for (const file of this.#files.waiting) {
      const { name, filename, contentType } = file;
      const part = new FilePart(file.whole(), { contentType, ...(filename !== undefined && { filename }) });
      files.set(name, [...(files.get(name) ?? []), part]);
    }
    this.#settle.resolve(
      Object.fromEntries([
        ...this.#texts(),
        ...[...files].map(
          ([name, parts]) => [name, this.#members.get(name)?.isList === true ? parts : parts[0]] as const,
        ),
      ]),
    );
  }

  #texts(): (readonly [string, unknown])[] {
    return [...this.#values].map(([name, values]) => [
      name,
      this.#members.get(name)?.isList === true ? values : values[0],
    ]);
  }

  #refuse(problem: ProblemError): void {
    if (this.#isOver) return;
    this.#problem = problem;
    this.#end(problem);
  }

  #end(error: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#release();
    this.#request.unpipe(this.#parser);
    this.#files.fail(error);
    if (!this.#isReady) this.#settle.reject(error);
  }

  #release(): void {
    this.#request.off('close', this.#gone);
  }
}

type BusboyParser = InstanceType<typeof Busboy>;

interface PartHead {
  readonly name: string | undefined;
  readonly filename: string | undefined;
  readonly transferEncoding: string;
  readonly contentType: string;
}

function parserFor(request: IncomingMessage, limits: MultipartLimits): BusboyParser {
  const { 'content-type': contentType = '', ...headers } = request.headers;
  try {
    return new Busboy({
      headers: { ...headers, 'content-type': contentType },
      // Texts are read as bytes too: they are taken as they are, or refused.
      isPartAFile: () => true,
      limits: { parts: limits.maxParts, fileSize: limits.maxFileBytes, headerSize: maxPartHead },
    });
  } catch {
    throw formProblem('GW_BAD_REQUEST', undefined, 'The content type of the form has no boundary.');
  }
}
