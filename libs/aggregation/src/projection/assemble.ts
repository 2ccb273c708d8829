import { ABSENT, type EvaluationScope } from '../evaluate/scope/evaluation-scope.js';
import { compileWrite } from '../evaluate/combinators/evaluate-texts.js';
import type { ViewCompiler } from '../evaluate/view-compiler.js';
import type { ProjectedDocument } from '../run/projected-document.js';
import type { Output } from './output.js';

/** A document; undefined where it is missing. */
export type MaybeDocument = ProjectedDocument | undefined;

/** The values that one response is assembled from. */
export interface Ingredients {
  /** By index of the part; for an `each`, the document of the current item. */
  readonly documents: MaybeDocument[];
  /** By index of the part, where it is an `each`. */
  readonly items: readonly (readonly MaybeDocument[] | undefined)[];
  /** For computed members. */
  readonly scope: EvaluationScope;
}

/** Gives a binary string (one character per byte of UTF-8), undefined for nothing, `ABSENT` where a part that it needs is missing. */
export type Assemble = (from: Ingredients) => string | undefined | typeof ABSENT;

export function compileOutput(output: Output, compiler: ViewCompiler): Assemble {
  switch (output.kind) {
    case 'text': {
      const text = toBinary(output.json);
      return () => text;
    }
    case 'nothing':
      return () => undefined;
    case 'projected': {
      const { part, text } = output;
      return ({ documents }) => {
        const document = documents[part];
        return document === undefined ? ABSENT : document.texts[text];
      };
    }
    case 'object':
      return object(output.members.map(([name, value]) => [name, compileOutput(value, compiler)]));
    case 'array':
      return array(output.items.map((item) => compileOutput(item, compiler)));
    case 'concat':
      return concat(output.lists.map((list) => compileOutput(list, compiler)));
    case 'items':
      return items(output.part, compileOutput(output.body, compiler), output.omitsNothing);
    case 'otherwise': {
      const of = compileOutput(output.of, compiler);
      const other = compileOutput(output.other, compiler);
      return (from) => {
        const text = of(from);
        return text === ABSENT || text === undefined || text === 'null' ? other(from) : text;
      };
    }
    case 'computed': {
      const write = compileWrite(compiler, output.expression);
      return ({ scope }) => {
        const text = write(scope);
        return typeof text === 'string' ? toBinary(text) : text;
      };
    }
  }
}

function object(members: readonly (readonly [name: string, value: Assemble])[]): Assemble {
  const firsts = members.map(([name]) => toBinary(`{${JSON.stringify(name)}:`));
  const others = members.map(([name]) => toBinary(`,${JSON.stringify(name)}:`));
  const values = members.map(([, value]) => value);
  return (from) => {
    let text = '';
    for (let i = 0; i < values.length; i += 1) {
      const value = values[i]?.(from);
      if (value === ABSENT) return ABSENT;
      if (value !== undefined) text += ((text === '' ? firsts[i] : others[i]) ?? '') + value;
    }
    return text === '' ? '{}' : `${text}}`;
  };
}

function array(items: readonly Assemble[]): Assemble {
  return (from) => {
    let text = '';
    for (const item of items) {
      const value = item(from);
      if (value === ABSENT) return ABSENT;
      text += `${text === '' ? '' : ','}${value ?? 'null'}`;
    }
    return `[${text}]`;
  };
}

/** A text that is no list leaves the response to the reference engine. */
function concat(lists: readonly Assemble[]): Assemble {
  return (from) => {
    let text = '';
    for (const list of lists) {
      const value = list(from);
      if (value === ABSENT) return ABSENT;
      if (value === undefined || value === 'null' || value === '[]') continue;
      if (!value.startsWith('[')) return ABSENT;
      text += `${text === '' ? '' : ','}${value.slice(1, -1)}`;
    }
    return `[${text}]`;
  };
}

function items(part: number, body: Assemble, omitsNothing: boolean): Assemble {
  return (from) => {
    const list = from.items[part];
    if (list === undefined) return ABSENT;
    let text = '';
    for (const document of list) {
      from.documents[part] = document;
      const value = body(from);
      if (value === ABSENT) return ABSENT;
      if (value !== undefined || !omitsNothing) text += `${text === '' ? '' : ','}${value ?? 'null'}`;
    }
    return `[${text}]`;
  };
}

/** One character per byte of UTF-8. Most texts are ASCII and stay unchanged. */
export function toBinary(text: string): string {
  return Buffer.byteLength(text) === text.length ? text : Buffer.from(text).toString('latin1');
}
