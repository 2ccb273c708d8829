// Control characters but for line breaks and tabs, format characters (marks of direction, joiners, tags), line and paragraph
// separators, lone surrogates. A carriage return stays before a line break alone: elsewhere it writes over its line.
const unsafe = /\r(?!\n)|[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]--[\n\r\t]]/gv;
const breaks = /[\r\n]/g;

/**
 * A text that a terminal shows and does not obey: characters that move the cursor, set colours, make links, hide or turn the direction
 * of reading are written as `\u001b`. Line breaks and tabs stay. JSON means the same afterwards.
 */
export function terminalText(text: string): string {
  return text.replaceAll(unsafe, escapeUnits);
}

/** The same for text of one line: line breaks are escaped too, so that no name or title can add lines to a report. */
export function terminalLine(text: string): string {
  return terminalText(text).replaceAll(breaks, (char) => (char === '\n' ? '\\n' : '\\r'));
}

/** By UTF-16 code units, as JSON writes them. */
function escapeUnits(char: string): string {
  return Array.from({ length: char.length }, (_, at) => {
    const unit = char.charCodeAt(at).toString(16);
    return `\\u${unit.padStart(4, '0')}`;
  }).join('');
}
