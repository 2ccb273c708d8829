import { stripVTControlCharacters } from 'node:util';

/** A command of a page, and the output that the page shows. */
export interface PageCommand {
  readonly kind: 'command';
  readonly text: string;
  readonly output: readonly string[];
}

/** A file that the page lets its reader write. */
export interface PageFile {
  readonly kind: 'file';
  readonly path: string;
  readonly text: string;
}

export type PageStep = PageCommand | PageFile;

/**
 * The steps of a page, in order: commands are the lines behind `$ ` of its blocks of the language console, with their output below; files are
 * blocks whose first line is a comment with a path.
 */
export function pageSteps(page: string): readonly PageStep[] {
  return [...page.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].flatMap(([, language = '', text = '']): PageStep[] => {
    if (language === 'console') return commandsOf(text);
    const path = /^(?:#|\/\/) (\S+\.\w+)\n/.exec(text)?.[1];
    return path === undefined ? [] : [{ kind: 'file', path, text }];
  });
}

function commandsOf(text: string): PageCommand[] {
  return text.split(/^\$ /m).flatMap((piece): PageCommand[] => {
    const [command = '', ...output] = piece.trimEnd().split('\n');
    return command === '' ? [] : [{ kind: 'command', text: command, output }];
  });
}

/**
 * Output without what differs from run to run and from machine to machine: durations, ports, tokens, widths of columns, the progress of a
 * build, and the lines of npm.
 */
export function comparable(output: string): string {
  const lines = stripVTControlCharacters(output)
    .replaceAll(/\b\d+(?:\.\d+)? ?m?s\b/g, '1 s')
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:1')
    .replaceAll(/\beyJ[\w.-]+/g, 'eyJ')
    .split('\n')
    .map((line) => line.replaceAll(/ +/g, ' ').trim())
    .filter(
      (line) => line !== '' && !/^(?:> |Building |Built |Nothing to build|1 s \S+$|\S+: [\w ]+ \.\.\.$)/.test(line),
    );
  return lines.join('\n');
}

/** True if output is the one of a page, in which a line of three dots stands for any lines. */
export function isOutput(output: string, expected: readonly string[]): boolean {
  if (expected.length === 0) return comparable(output) === '';
  const pieces = comparable(expected.join('\n'))
    .split(/^\.\.\.$/m)
    .map((piece) => piece.trim());
  let rest = `\n${comparable(output)}\n`;
  for (const [index, piece] of pieces.entries()) {
    const wanted = piece === '' ? '\n' : `\n${piece}\n`;
    const at = index === pieces.length - 1 && index > 0 ? rest.lastIndexOf(wanted) : rest.indexOf(wanted);
    if (at < 0 || (index === 0 && at > 0)) return false;
    rest = rest.slice(at + wanted.length - 1);
  }
  return rest.trim() === '' || pieces.at(-1) === '';
}
