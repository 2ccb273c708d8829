import { REDACTED } from './named-secrets.js';
import { redact } from './redact.js';

/**
 * A JSON value without secrets, addresses of people, and values of members that contracts classify. A replacement has the type of its
 * value, and the form of a date where that had one, so that a response still is as its contract says. Lists below a secret-like name are
 * secret as a whole.
 */
export const redactValue = (value: unknown): unknown => withoutSecrets('', value);

/** @param name of the nearest member around the value; all that stands below a secret-like name is secret */
function withoutSecrets(name: string, value: unknown): unknown {
  // `tokens` is a list of what `token` names.
  if (Array.isArray(value)) return value.map((item: unknown) => withoutSecrets(name.replace(/s$/, ''), item));
  if (typeof value === 'object' && value !== null) {
    const isHidden = name !== '' && withoutSecret(name, probe) !== probe;
    const members = Object.entries(value).map(([key, member]) => [key, withoutSecrets(isHidden ? name : key, member)]);
    return Object.fromEntries(members);
  }
  return typeof value === 'string' || typeof value === 'number' ? withoutSecret(name, value) : value;
}

/** A text that is a secret only behind a secret-like name. */
const probe = 'Kq7 or Zv9';

function withoutSecret(name: string, value: string | number): string | number {
  const whole = JSON.stringify({ [name]: value });
  const safe = redact(whole, whole.length + REDACTED.length);
  if (safe === whole) return value;
  if (typeof value === 'number') return 0;
  if (/^[^\s@]+@[^\s@]+$/.test(value)) return 'redacted@example.com';
  const [, date, time] = /^(\d{4}-\d\d-\d\d)(T.*)?$/.exec(value) ?? [];
  if (date !== undefined) return time === undefined ? '2000-01-01' : '2000-01-01T00:00:00Z';
  try {
    const parsed: unknown = JSON.parse(safe);
    const [text] = typeof parsed === 'object' && parsed !== null ? Object.values(parsed) : [];
    return typeof text === 'string' ? text : REDACTED;
  } catch {
    return REDACTED;
  }
}
