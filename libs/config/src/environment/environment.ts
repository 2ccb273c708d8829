import { table } from '@frontage/core';

/** Variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The value of a variable without the characters that shells and orchestrators leave around it. No message repeats the value. */
export interface ReadVariable {
  /** Absent where the variable counts as not set. */
  readonly value?: string;
  /** The reason why it counts as not set although the environment has it, or a similar name. */
  readonly unsetBecause?: string;
  /** The reason why it cannot be used. */
  readonly mistake?: string;
  /** Changes to the value, and suspicious facts about it. */
  readonly warnings: readonly string[];
}

const serviceLink = /^(?:tcp|udp|sctp):\/\/[^/\s]+:\d+$/i;
const linkName = /^(.+)_PORT(?:_\d+_(?:TCP|UDP|SCTP))?$/i;
const quotes: Readonly<Record<string, string>> = table({ '"': '"', "'": "'", '“': '”', '‘': '’', '`': '`' });
/** White space, and characters without width: a byte order mark, zero-width ones, NUL. */
const around = '[\\s\\u0000\\u200b-\\u200d\\u2060\\ufeff]+';
const leading = new RegExp(`^${around}`);
const trailing = new RegExp(`${around}$`);
// A line break or another control character within a value.
const inside = /[\p{Cc}\u2028\u2029]/u;

/** @param env names are compared exactly, as the system does everywhere but on Windows */
export function readVariable(env: Environment, name: string): ReadVariable {
  const raw = Object.hasOwn(env, name) ? env[name] : undefined;
  const twin = twinOf(env, name);
  if (raw === undefined) {
    if (twin === undefined) return { warnings: [] };
    return { unsetBecause: `only ${twin} is, and upper and lower case are told apart`, warnings: [] };
  }
  const warnings: string[] = [];
  if (twin !== undefined && env[twin] !== raw)
    warnings.push(`the variables ${name} and ${twin} are both set, to different values; ${name} is read`);
  const value = cleaned(raw, name, warnings);
  if (value === '') {
    const how = raw === '' ? 'is empty' : 'holds nothing but blanks or quotes';
    return { unsetBecause: `it ${how}, which counts as not set`, warnings: twin === undefined ? [] : warnings };
  }
  const service = serviceOf(value, name);
  if (service !== undefined) {
    const link = `holds the service link that Kubernetes sets for the service "${service}", not a value for this key`;
    return { unsetBecause: link, warnings };
  }
  if (inside.test(value))
    return {
      mistake: `variable ${name} has a line break or a control character within its value; write it in one line`,
      warnings,
    };
  return { value, warnings };
}

function cleaned(raw: string, name: string, warnings: string[]): string {
  let value = raw;
  const starts = leading.exec(value)?.[0];
  if (starts !== undefined) value = value.slice(starts.length);
  const ends = trailing.exec(value)?.[0];
  if (ends !== undefined) value = value.slice(0, -ends.length);
  if (starts !== undefined) warnings.push(`variable ${name} begins with ${named(starts)}, which is left out`);
  if (ends !== undefined && value !== '') warnings.push(`variable ${name} ends with ${named(ends)}, which is left out`);
  const closing = quotes[value.charAt(0)];
  if (value.length < 2 || closing === undefined || !value.endsWith(closing)) return value;
  warnings.push(
    `variable ${name} stands in quotes, which are left out; env files of Docker keep them, so write it without`,
  );
  return value.slice(1, -1).replace(leading, '').replace(trailing, '');
}

function named(characters: string): string {
  if (characters.includes('\ufeff')) return 'a byte order mark';
  if (/[\r\n]/.test(characters)) return 'a line break';
  // A character without width cannot be seen in an editor.
  return /^[ \t]+$/.test(characters) ? 'a blank' : 'a character that cannot be seen';
}

/** https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables */
function serviceOf(value: string, name: string): string | undefined {
  const [, service] = linkName.exec(name) ?? [];
  return service !== undefined && serviceLink.test(value) ? service.toLowerCase().replaceAll('_', '-') : undefined;
}

/** A variable of the same name in another case. */
function twinOf(env: Environment, name: string): string | undefined {
  const lower = name.toLowerCase();
  return Object.keys(env).find((each) => each !== name && each.toLowerCase() === lower && env[each] !== undefined);
}
