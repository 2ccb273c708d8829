import { flatName, isClassified } from './classified-names.js';

/** Parts of names, in lower case without separators, that mark the value as a secret. */
const parts: readonly string[] = [
  'password', 'passwd', 'passphrase', 'passcode', 'secret', 'apikey', 'accesskey', 'privatekey', 'signingkey', 'encryptionkey',
  'masterkey', 'sharedkey', 'accountkey', 'authkey', 'storagekey', 'licensekey', 'sessionkey', 'hostkey', 'sshkey', 'sessionid',
  'sessid', 'sessiontoken', 'credential', 'authtoken', 'accesstoken', 'refreshtoken', 'idtoken', 'bearertoken', 'csrftoken',
  'xsrftoken', 'securitytoken', 'clientassertion', 'codeverifier', 'samlresponse', 'samlassertion', 'connectionstring', 'connstr',
  'mnemonic', 'seedphrase', 'onetimecode', 'webhookurl',
]; // prettier-ignore

/** Words that make the value a secret where they are the last word of a name: `db_pwd`, `userToken`, `connect.sid`. */
const lastWords: ReadonlySet<string> = new Set([
  'pwd', 'pass', 'pw', 'token', 'sid', 'session', 'jwt', 'sig', 'signature', 'auth', 'bearer', 'cookie', 'cookies', 'otp', 'totp',
  'assertion', 'csrf', 'xsrf', 'nonce', 'salt', 'pin', 'cvv', 'cvc',
]); // prettier-ignore

/** Header fields whose whole line is the secret: lists of parameters and of cookies. */
const wholeLines: ReadonlySet<string> = new Set([
  'authorization', 'proxyauthorization', 'cookie', 'cookie2', 'setcookie', 'setcookie2', 'xauthorization', 'authenticationinfo',
]); // prettier-ignore

/** Names that are secrets in the query of a URL alone: elsewhere they are words of every day. */
const queryNames: ReadonlySet<string> = new Set([
  'key',
  'code',
  'ticket',
  'hash',
  'hmac',
  'sign',
  'state',
  'jti',
  'se',
]);

/** The kind of the value of a name. */
export type NamedSecret = 'line' | 'value' | undefined;

/** The place of a name: in the query of a URL, as a member of data (`"name": `, `name=`), or in a sentence (`name: `). */
export type NamePlace = 'query' | 'member' | 'sentence';

/**
 * Words of every day, which a contract may classify as a member. Before a colon in a sentence they say nothing about what follows: `no such name:
 * orders`.
 */
const everydayWords: ReadonlySet<string> = new Set([
  'name', 'label', 'title', 'value', 'id', 'type', 'kind', 'status', 'state', 'code', 'message', 'text', 'description', 'error', 'reason',
  'result', 'data', 'date', 'time', 'path', 'url', 'method', 'count', 'number', 'version', 'level', 'key', 'part', 'operation', 'upstream',
]); // prettier-ignore

/**
 * True if a name says that its value is a secret.
 * @param name up to 100 characters, in any style: `PGPASSWORD`, `session_id`, `clientSecret`, `X-Api-Key`, `connect.sid`
 */
export function secretNamed(name: string, place: NamePlace): NamedSecret {
  const flat = flatName(name);
  if (wholeLines.has(flat)) return 'line';
  if (isClassified(flat) && !(place === 'sentence' && everydayWords.has(flat))) return 'value';
  if (parts.some((part) => flat.includes(part))) return 'value';
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  const last = words.at(-1) ?? '';
  if (lastWords.has(last) || (place === 'query' && queryNames.has(last))) return 'value';
  // `usertoken`, `MYSQLPWD`: one word, whose end says it.
  return /(?:token|pwd)$/.test(last) ? 'value' : undefined;
}

/** Words that follow `password:` in a sentence without a password, and placeholders that code prints. */
const plainWords: ReadonlySet<string> = new Set([
  'a', 'an', 'and', 'are', 'as', 'at', 'be', 'but', 'by', 'can', 'cannot', 'denied', 'does', 'empty', 'error', 'expected', 'expired',
  'failed', 'false', 'for', 'found', 'from', 'has', 'how', 'if', 'in', 'invalid', 'is', 'it', 'its', 'longer', 'malformed', 'may', 'missing',
  'must', 'needs', 'never', 'no', 'none', 'not', 'nothing', 'null', 'of', 'ok', 'on', 'only', 'or', 'please', 'refused', 'rejected',
  'required', 'revoked', 'should', 'shorter', 'some', 'than', 'that', 'the', 'there', 'this', 'to', 'too', 'true', 'undefined',
  'unexpected', 'unknown', 'unset', 'valid', 'was', 'what', 'where', 'which', 'with', 'without', 'write', 'wrong', 'you', 'your',
]); // prettier-ignore

/** True if a word that stands where a secret would is none. */
export function isPlainWord(word: string): boolean {
  const bare = word.replace(/[.,:;!?)\]}]{1,4}$/, '').toLowerCase();
  return plainWords.has(bare) || /^\W?$/.test(word);
}
