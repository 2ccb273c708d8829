/** Keys whose value is a secret or holds one, in policies and where one is written by mistake. */
const secretKey =
  /(?:pass(?:word|wd|phrase)?|pwd|secret|token|api-?_?key|access-?_?key|private-?_?key|credentials?|security|authorization|cookie|redis|signature|hash-?_?key|proxy|(?<![A-Za-z])headers)["']?\s*:/i;
const secretBlock = /^\s*(?:-\s*)?["']?(?:credentials|security|headers|redis|admin|proxy|otlp)["']?\s*:/i;
const userInfo = /\/\/[^/\s"'@]*@/;
const scheme = /\b(?:Bearer|Basic|Digest|Token|ApiKey)\s|\b(?:rediss?|https?):\/\//gi;

/**
 * True if a line of a policy could show a secret in a log. Lines are judged by their text, because a file that cannot be
 * parsed has nothing else: a line with a key that sounds like a secret, or below such a block, is shown only where all its values are variables.
 */
export function mayHoldSecret(lines: readonly string[], index: number): boolean {
  const line = lines[index] ?? '';
  if (userInfo.test(withoutVariables(line))) return true;
  if (secretKey.test(line)) return hasLiteral(line);
  return isBelowSecretBlock(lines, index) && hasLiteral(line);
}

function isBelowSecretBlock(lines: readonly string[], index: number): boolean {
  let indent = indentOf(lines[index] ?? '');
  // A text of several lines has no key of its own: it belongs to the nearest line above with less indentation.
  for (let at = index - 1; at >= 0 && indent > 0; at--) {
    const above = lines[at] ?? '';
    if (above.trim() === '' || indentOf(above) >= indent) continue;
    if (secretBlock.test(above) || secretKey.test(above)) return true;
    indent = indentOf(above);
  }
  return false;
}

/** True if a value of the line is something else than a variable. */
function hasLiteral(line: string): boolean {
  const text = withoutVariables(line.replace(/(?:^|\s)#.*$/, '')).replace(scheme, '');
  const values = text.includes(':') ? text.split(/["']?\s*:(?=\s|$|["'])/).slice(1) : [text];
  return values.some((value) =>
    /[A-Za-z0-9]/.test(
      value.replace(/,\s*["']?[A-Za-z_-]+["']?\s*$/, '').replace(/^\s*\{\s*["']?[A-Za-z_-]+["']?\s*$/, ''),
    ),
  );
}

function withoutVariables(text: string): string {
  return text.replace(/\$\{[A-Za-z_][A-Za-z0-9_]*\}/g, '');
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
