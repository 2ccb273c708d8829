import { isUtf8 } from 'node:buffer';
import type { FileContent } from '../../workspace/write-files.js';

/** The properties of a text that are no part of its lines. A merge keeps those of the team's file. */
export interface TextForm {
  readonly hasMark: boolean;
  readonly lineBreak: '\n' | '\r\n';
  readonly endsWithLineBreak: boolean;
}

/** A text without byte order mark, with `\n` between its lines and, unless it is empty, at its end. */
export interface PlainText {
  readonly text: string;
  readonly form: TextForm;
}

const mark = '\uFEFF';

/** The text of a file; undefined for bytes that are no text. */
export function plainText(content: FileContent): PlainText | undefined {
  const data = dataOf(content);
  if (typeof data !== 'string' && (!isUtf8(data) || data.includes(0))) return undefined;
  const whole = typeof data === 'string' ? data : Buffer.from(data).toString();
  const hasMark = whole.startsWith(mark);
  const written = hasMark ? whole.slice(1) : whole;
  const all = written.split('\n').length - 1;
  const windows = written.split('\r\n').length - 1;
  const lines = written.replaceAll('\r\n', '\n');
  const endsWithLineBreak = lines === '' || lines.endsWith('\n');
  return {
    text: endsWithLineBreak ? lines : `${lines}\n`,
    form: { hasMark, lineBreak: windows * 2 > all ? '\r\n' : '\n', endsWithLineBreak },
  };
}

/** The text as the file has it. */
export function written(text: string, { hasMark, lineBreak, endsWithLineBreak }: TextForm): string {
  const lines = endsWithLineBreak ? text : text.replace(/\n$/, '');
  return (hasMark ? mark : '') + (lineBreak === '\n' ? lines : lines.replaceAll('\n', '\r\n'));
}

/** The bytes or the text of a file. */
export const dataOf = (content: FileContent): string | Uint8Array =>
  typeof content === 'string' ? content : content.data;
