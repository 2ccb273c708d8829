import { styleText } from 'node:util';
import { terminalLine } from '@frontage/contracts/terminal-text';

/** A piece of a line: as it is, or in a colour where the terminal has colours. */
export type StyledText = string | { readonly text: string; readonly style: 'green' | 'yellow' | 'red' };

/** Escapes each piece, and colours it. A piece that is `\n`, or ends with it, ends the line; other line breaks are escaped. */
export function renderStyled(pieces: readonly StyledText[], hasColours: boolean): string {
  return pieces
    .map((piece) => {
      if (typeof piece === 'string')
        return piece.endsWith('\n') ? `${terminalLine(piece.slice(0, -1))}\n` : terminalLine(piece);
      const text = terminalLine(piece.text);
      return hasColours ? styleText(piece.style, text, { validateStream: false }) : text;
    })
    .join('');
}
