import type { Caller } from '@frontage/context';

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/**
 * The caller that a strategy of the team gives as its user.
 * @throws TypeError for a user without a subject: a request of an unknown caller must not look like one of a known caller
 */
export function callerOfUser(strategy: string, user: unknown): Caller {
  const of = (member: string): unknown =>
    typeof user === 'object' && user !== null ? Reflect.get(user, member) : undefined;
  const [subject, scopes = [], roles = [], tenant, app] = ['subject', 'scopes', 'roles', 'tenant', 'app'].map(of);
  if (!isText(subject) || !isTexts(scopes) || !isTexts(roles)) {
    throw new TypeError(
      `the Passport strategy "${strategy}" gave a user that is no caller; return { subject: 'ada', scopes: [...], roles: [...] } from validate(...)`,
    );
  }
  return Object.freeze({
    subject,
    scopes: Object.freeze([...scopes]),
    roles: Object.freeze([...roles]),
    ...(isText(tenant) && { tenant }),
    ...(isText(app) && { app }),
  });
}
