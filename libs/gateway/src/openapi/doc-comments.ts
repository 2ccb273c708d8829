import { readFileSync } from 'node:fs';

/** Words of an operation in an OpenAPI document. */
export interface OperationWords {
  readonly summary?: string;
  readonly description?: string;
}

/** Doc comments of methods, read from the files that their controllers were loaded from, each file once. */
export class DocComments {
  readonly #sources = new Map<string, string>();

  /** The text above a method; `undefined` where there is none, or the file cannot be read or has no comments. */
  above(file: string | undefined, controller: string, method: string): string | undefined {
    return file === undefined ? undefined : commentAbove(this.#sourceOf(file), controller, method);
  }

  #sourceOf(file: string): string {
    let source = this.#sources.get(file);
    if (source === undefined) {
      try {
        source = readFileSync(file, 'utf8');
      } catch {
        source = '';
      }
      this.#sources.set(file, source);
    }
    return source;
  }
}

/** The first sentence is the summary; the text is the description where it says more than that. */
export function wordsOf(text: string | undefined): OperationWords {
  if (text === undefined || text === '') return {};
  const [paragraph = ''] = text.split('\n\n', 1);
  const sentence = /^[\s\S]*?[.!?](?=\s|$)/.exec(paragraph)?.[0] ?? paragraph;
  const summary = sentence.replaceAll(/\s+/g, ' ').replace(/\.$/, '');
  return sentence === text ? { summary } : { summary, description: text };
}

/**
 * The doc comment above a method of a class, in TypeScript or in JavaScript that was compiled from it, where decorators may stand between
 * the two. Tags (`@param`) and what follows them are left out.
 */
export function commentAbove(source: string, controller: string, method: string): string | undefined {
  const begin = source.search(new RegExp(String.raw`\bclass ${literal(controller)}\b`));
  if (begin < 0) return undefined;
  const rest = source.slice(begin + 'class '.length);
  const next = rest.search(/^(?:export |default |abstract |let \w+ = )*class \w/m);
  const body = next < 0 ? rest : rest.slice(0, next);
  const named = new RegExp(String.raw`^(?:(?:public|protected|async|override)\s+)*${literal(method)}\s*[(<]`);
  for (const { 0: comment, index } of body.matchAll(/\/\*\*(?!\/)[\s\S]*?\*\//g)) {
    if (named.test(body.slice(afterDecorators(body, index + comment.length)))) return textOf(comment);
  }
  return undefined;
}

const literal = (name: string): string => name.replaceAll(/[^\w]/g, String.raw`\$&`);

/** The place where the next member begins: behind blanks, comments of one line, and decorators with their arguments. */
function afterDecorators(source: string, start: number): number {
  let at = start;
  for (;;) {
    at += /^(?:\s|\/\/[^\n]*)*/.exec(source.slice(at))?.[0].length ?? 0;
    const decorator = /^@[\w$.]+/.exec(source.slice(at, at + 200))?.[0];
    if (decorator === undefined) return at;
    at += decorator.length;
    if (source[at] === '(') at = afterBracket(source, at);
  }
}

/** Behind the bracket that closes the one at `start`; brackets in texts do not count. */
function afterBracket(source: string, start: number): number {
  let depth = 0;
  for (let at = start; at < source.length; at++) {
    const letter = source[at] ?? '';
    if (letter === '(') depth++;
    else if (letter === ')' && --depth === 0) return at + 1;
    else if (letter === "'" || letter === '"' || letter === '`') at = endOfText(source, at, letter);
  }
  return source.length;
}

function endOfText(source: string, start: number, quote: string): number {
  for (let at = start + 1; at < source.length; at++) {
    if (source[at] === '\\') at++;
    else if (source[at] === quote) return at;
  }
  return source.length;
}

function textOf(comment: string): string | undefined {
  const lines = comment
    .slice('/**'.length, -'*/'.length)
    .split('\n')
    .map((line) => line.trim().replace(/^\* ?/, '').trimEnd());
  const tags = lines.findIndex((line) => line.startsWith('@'));
  const text = (tags < 0 ? lines : lines.slice(0, tags))
    .join('\n')
    .replaceAll(/\{@link ([^}\s|]+)[^}]*\}/g, '$1')
    .replaceAll(/(?<!\n)\n(?!\n|[-*#|] ?)/g, ' ')
    .trim();
  return text === '' ? undefined : text;
}
