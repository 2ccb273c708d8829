// oxlint-disable-next-line typescript/triple-slash-reference -- projects that reach this file by an import know nothing of the one beside it
/// <reference path="./web-assembly.d.ts" />
import { isUtf8 } from 'node:buffer';
import { isExactNumber } from '@frontage/core';
import { writeProgram, type Program, type TableExports } from './engine-tables.js';
import { maxTextBytes, type Projection } from '../model/projection.js';
import type { ProjectionSpec } from '../model/projection-spec.js';

/** The exports of assembly/index.ts. */
interface EngineExports extends TableExports {
  readonly memory: WebAssembly.Memory;
  readonly input: WebAssembly.Global;
  readonly foreseen: WebAssembly.Global;
  readonly unforeseen: WebAssembly.Global;
  project(program: number, end: number): number;
}

/** As assembly/numbers.ts has it. */
const Judged = { changed: 0, exact: 1, canonical: 2 } as const;
type Judged = (typeof Judged)[keyof typeof Judged];

/**
 * Projections in WebAssembly: bytes are read in place, and the kept ones are copied. One engine has 16 MiB that never grow
 * (assembly/memory.ts explains the areas); most pages are never touched. All its projections share them, one text at a time.
 */
export class WebAssemblyEngine {
  readonly #exports: EngineExports;
  readonly #memory: Buffer;
  readonly #words: Uint32Array;
  readonly #input: number;

  /** Synchronous; it takes a millisecond or two. */
  constructor(module: Uint8Array<ArrayBuffer>) {
    const writeNumber = (start: number, end: number, to: number): number =>
      this.#memory.write(String(Number(this.#memory.toString('latin1', start, end))), to, 'latin1');
    const judgeDecimal = (start: number, end: number): Judged => {
      const source = this.#memory.toString('latin1', start, end);
      const value = Number(source);
      if (String(value) === source) return Judged.canonical;
      return isExactNumber(value, source) ? Judged.exact : Judged.changed;
    };
    const instance = new WebAssembly.Instance(new WebAssembly.Module(module), { host: { judgeDecimal, writeNumber } });
    // The compiler of assembly/ made these, and the contract suite calls them all.
    this.#exports = instance.exports as unknown as EngineExports;
    this.#memory = Buffer.from(this.#exports.memory.buffer);
    this.#words = new Uint32Array(this.#exports.memory.buffer);
    this.#input = this.#exports.input.value;
  }

  /** Objects with the same keys as those before them. */
  get foreseen(): number {
    return this.#exports.foreseen.value;
  }

  /** Objects that were read key by key. */
  get unforeseen(): number {
    return this.#exports.unforeseen.value;
  }

  /** Undefined where the tables of the engine are full. @throws TypeError for a spec that cannot be followed */
  compile(spec: ProjectionSpec): Projection | undefined {
    const program = writeProgram(spec, this.#exports, this.#memory);
    if (program === undefined) return undefined;
    const count = spec.writes.length;
    return { project: (bytes) => this.#project(program, count, bytes) };
  }

  #project(program: Program, count: number, bytes: Uint8Array): (string | undefined)[] | undefined {
    const length = bytes.length;
    if (length > maxTextBytes || !isUtf8(bytes)) return undefined;
    const start = this.#input;
    const end = start + length;
    this.#memory.set(bytes, start);
    this.#memory[end] = 0;
    if (this.#exports.project(program.address, end) === 0) return undefined;
    const texts: (string | undefined)[] = [];
    for (let at = program.results >> 2, last = at + 2 * count; at < last; at += 2) {
      const from = this.#words[at];
      texts.push(from === 0 ? undefined : this.#memory.toString('latin1', from, this.#words[at + 1]));
    }
    return texts;
  }
}
