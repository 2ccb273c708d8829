import { terminalLine } from '@frontage/contracts/terminal-text';

/** Joins lines; line breaks within a line are escaped. */
export function linesText(lines: readonly string[]): string {
  return lines.map((line) => `${terminalLine(line)}\n`).join('');
}
