import { REDACTED, withoutNamedSecrets } from './named-secrets.js';

const MAX_LENGTH = 4_000;
/** Read beyond what is kept: a secret that the end cuts in two would not be known for one. */
const LOOK_AHEAD = 4_000;
/** As long as what a pattern below needs to see whole. */
const UNSURE_LENGTH = 1_000;

/** Words behind the name of a scheme in a sentence: `the bearer token is missing`. */
const notCredentials =
  /^(?:tokens?|auth|authentication|authorization|credentials?|scheme|header|challenge|access|type|is|was|are|must|may|not|for|in|of|to|and|or|the|a|an|with|without|that|which|error|realm|scope|error_description)(?![\w~+/-])/i;
const oneWord = /^[A-Za-z]?[a-z]{0,14}[.,:;)]?$/;

type Replace = string | ((...groups: string[]) => string);

/** The one table of what looks like a secret, in this order, after those that a name tells. Each matches in time linear in the text. */
const shapes: readonly (readonly [RegExp, Replace])[] = [
  // Schemes of the Authorization field, RFC 9110 section 11: parameters, then token68.
  [
    /\b(digest|hawk|signature|oauth|mac|vapid|aws4-[a-z0-9-]{1,40})[ \t]{1,4}(?=[a-z_][\w-]{0,40}[ \t]?=)[^\r\n]{1,4000}/gi,
    `$1 ${REDACTED}`,
  ],
  [
    /\b(bearer|dpop|apikey|privatetoken|gnap)[ \t]{1,4}([\w.~+/=-]+)/gi,
    (all, scheme = '', word = '') => (notCredentials.test(word) ? all : `${scheme} ${REDACTED}`),
  ],
  [
    /\b(basic|negotiate|ntlm|kerberos|sharedkey|sharedkeylite)[ \t]{1,4}([\w.~+/=:-]+)/gi,
    (all, scheme = '', word = '') => (oneWord.test(word) || notCredentials.test(word) ? all : `${scheme} ${REDACTED}`),
  ],
  // JWS and JWE, and their headers alone.
  [/\beyJ[\w-]{4,}(?:\.[\w-]*){1,4}|\beyJ[\w+/-]{16,}={0,2}/g, REDACTED],
  // Keys that their issuers gave a shape: AWS, GitHub, GitLab, Slack, Stripe, Google, npm, PyPI, SendGrid, Shopify, DigitalOcean, Hugging Face, Anthropic, OpenAI.
  [/\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b/g, REDACTED],
  [
    /\b(?:gh[pousr]_|github_pat_|gl(?:pat|dt|rt)-|xox[a-z]-|xapp-|[sr]k_(?:live|test)_|whsec_|npm_|pypi-|SG\.|shp(?:at|ss|ca|pa)_|do[opr]_v1_|hf_|sk-)[\w.-]{12,}/g,
    REDACTED,
  ],
  [/\bAIza[\w-]{30,}|\bya29\.[\w-]{10,}/g, REDACTED],
  // CREATE USER ... PASSWORD 'x' IDENTIFIED BY 'x'; curl -u name:x
  [/\b(password|identified[ \t]{1,4}by)[ \t]{1,4}'[^']{0,2000}'?/gi, `$1 ${REDACTED}`],
  [/(?<![\w-])(-u|--user)[ \t]{1,4}[^\s:]{1,200}:[^\s]{1,500}/g, `$1 ${REDACTED}`],
  // User information of URLs, RFC 3986 section 3.2.1, and what people write there without encoding it.
  [/(?<![\w+.-])((?!https?:|wss?:|file:)[a-z][a-z0-9+.-]{1,30}:\/\/)[^\s"'<>`]{0,1000}@/gi, `$1${REDACTED}@`],
  [/(\/\/)(?!\[)[^\s/?#"'<>`@]{0,500}@(?:[^\s/?#"'<>`@]{0,500}@){0,20}/g, `$1${REDACTED}@`],
  [/(\/\/)(?!\[)[^\s/@:"'<>`]{0,200}:(?!\d{1,5}(?:[/?#\s]|$))[^\s"'<>`]{0,1000}@/g, `$1${REDACTED}@`],
  [/%2F%2F[^\s&"'<>]{1,1000}?%40/gi, `%2F%2F${REDACTED}%40`],
  // `root:x@tcp(db:3306)/shop`: a connection string without a scheme; not `name@1.2.3` or `image:tag@sha256`.
  [/(?<![\w/@.:-])([\w.-]{1,64}):(?!\/)[^\s@/:"'<>()]{1,200}@(?!sha\d)(?=[a-z[(])/gi, `$1:${REDACTED}@`],
  // Addresses of people.
  [/(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}\.[a-z]{2,24}\b/gi, REDACTED],
];

/** `-----BEGIN PRIVATE KEY-----`, to its end or that of the text; RFC 7468 and PGP. */
const pem = /-----BEGIN [A-Z0-9 ]{1,40}-----[\s\S]*?(?:-----END [A-Z0-9 ]{1,40}-----|$)/g;

/** Too short for any of the shapes, and without what a name needs to lead to a value: most ids, units and states. */
const harmless = /^(?!.{0,9}eyJ)[\w.-]{0,11}$/;

/**
 * A text that others had a hand in, fit for a log: secrets and addresses of people taken out.
 * @param maxLength longest text that comes back, in characters. @default 4_000
 */
export function redact(text: string, maxLength = MAX_LENGTH): string {
  if (text.length <= maxLength && harmless.test(text)) return text;
  const isCut = text.length > maxLength + LOOK_AHEAD;
  let redacted = withoutNamedSecrets((isCut ? text.slice(0, maxLength + LOOK_AHEAD) : text).replace(pem, REDACTED));
  for (const [pattern, replacement] of shapes) {
    redacted =
      typeof replacement === 'string' ? redacted.replace(pattern, replacement) : redacted.replace(pattern, replacement);
  }
  if (isCut) redacted = redacted.slice(0, Math.max(0, redacted.length - UNSURE_LENGTH));
  return isCut || redacted.length > maxLength ? `${redacted.slice(0, maxLength)}...` : redacted;
}
