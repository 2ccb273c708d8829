/** A form that attacks have, and that other texts seldom have. */
interface Signature {
  readonly name: string;
  readonly pattern: RegExp;
}

/*
 * Few forms, chosen for few false alarms. Each repetition is bounded, so that a match takes time linear in the text (RELIABILITY A16).
 */
const signatures: readonly Signature[] = [
  { name: 'sql-union', pattern: /\bunion\s{1,20}(?:all\s{1,20}|distinct\s{1,20})?select\b/ },
  {
    name: 'sql-always-true',
    pattern: /['"]\)?\s{0,9}(?:or|and|\|\||&&)[\s('"]{0,9}\w{1,20}['"]?\s{0,9}(?:=|<>|like\b)\s{0,9}['"(\w]/,
  },
  { name: 'sql-always-true', pattern: /\b\d{1,9}\s{1,9}(?:or|and)\s{1,9}(\d{1,9})\s{0,9}=\s{0,9}\1\b/ },
  {
    name: 'sql-second-statement',
    pattern:
      /;\s{0,9}(?:drop\s{1,9}(?:table|database|user)|alter\s{1,9}table|truncate\s{1,9}table|delete\s{1,9}from|insert\s{1,9}into|update\s{1,9}\w{1,40}\s{1,9}set|exec(?:ute)?\s{1,9}\w{0,20}xp_|shutdown\b)/,
  },
  { name: 'sql-comment', pattern: /\w'\s{0,9}(?:--|#|\/\*)\s{0,9}$/ },
  {
    name: 'sql-function',
    pattern:
      /\b(?:(?:pg_)?sleep|benchmark|load_file|xp_cmdshell|extractvalue|updatexml)\s{0,9}\(|\bwaitfor\s{1,9}delay\s{1,9}'/,
  },
  { name: 'html-script', pattern: /<\s{0,3}\/?\s{0,3}(?:script|iframe|object|embed|svg|math|base|meta|link)\b/ },
  { name: 'html-handler', pattern: /<[a-z!/][^<>]{0,300}?[\s"'/]on[a-z]{3,20}\s{0,9}=/ },
  { name: 'html-scheme', pattern: /\b(?:java|vb)script\s{0,3}:\s{0,3}[^\s]|\bdata\s{0,3}:\s{0,3}text\/html/ },
];

/** The name of the first signature in a text; undefined where there is none. */
export function signatureIn(text: string): string | undefined {
  const lower = text.toLowerCase();
  return signatures.find(({ pattern }) => pattern.test(lower))?.name;
}

/** The values of a target: the parts of its path, and the names and values of its query, as a service would read them. */
export function valuesOfTarget(target: string): readonly string[] {
  const [path = '', query = ''] = target.split(/\?(.*)/s, 2);
  return [...path.split('/'), ...query.split(/[&=]/)].filter((part) => part.length > 4).map(decoded);
}

/** Decoded twice: some services do. */
function decoded(part: string): string {
  const once = decodedOnce(part.replaceAll('+', ' '));
  return once.includes('%') ? decodedOnce(once) : once;
}

function decodedOnce(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
