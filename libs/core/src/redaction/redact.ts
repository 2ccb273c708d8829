const MAX_LENGTH = 4_000;
const REDACTED = '[redacted]';

/** In this order: what names a secret comes before what looks like one. Each matches in time linear in the text. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer|basic|dpop|apikey)\s+[\w.~+/=-]+/gi, `$1 ${REDACTED}`],
  [/\b(set-cookie|cookie)(["']?\s*[:=]\s*)[^\r\n]{1,4000}/gi, `$1$2${REDACTED}`],
  [
    /\b(authorization|proxy-authorization|x-api-key|api[_-]?key|access[_-]?token|refresh[_-]?token|id[_-]?token|token|client[_-]?secret|secret|password|passwd|pwd|session)(["']?\s{0,4}[:=]\s{0,4})("[^"]{0,2000}"|'[^']{0,2000}'|[^\s,;&"']{1,2000})/gi,
    `$1$2${REDACTED}`,
  ],
  [/\beyJ[\w-]{4,}\.[\w-]+\.[\w-]*/g, REDACTED],
  [/:\/\/[^\s/@]{1,500}@/g, `://${REDACTED}@`],
  [/[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}\.[a-z]{2,24}\b/gi, REDACTED],
];

/** A text that others had a hand in, fit for a log: secrets and addresses of people taken out, at most 4,000 characters. */
export function redact(text: string): string {
  let redacted = text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}...` : text;
  for (const [pattern, replacement] of SECRETS) redacted = redacted.replace(pattern, replacement);
  return redacted;
}
