import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface HandwrittenLines {
  readonly total: number;
  readonly byFile: readonly { readonly file: string; readonly lines: number }[];
}

/** The hand-written lines of a folder that are not blank: code and policy with comments, without generated files. */
export function handwrittenLines(folder: string): HandwrittenLines {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(?:ts|yaml)$/.test(file) && !/\.(?:gen|spec)\./.test(file))
    .toSorted();
  const byFile = files.map((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    return { file, lines: text.split('\n').filter((line) => line.trim() !== '').length };
  });
  return { total: byFile.reduce((sum, { lines }) => sum + lines, 0), byFile };
}
