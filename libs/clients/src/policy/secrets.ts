import { channels, type OperationInfo, type SecurityScheme, type Warning } from '@frontage/core';
import { fieldValue } from '../encode/encode-value.js';
import type { ResolvedUpstreamOptions } from './upstream.options.js';

/** The secrets of one operation as they are sent, and the names that no argument may set because of them. */
export interface Secrets {
  /** Name, value, name, value; lower-case names. */
  readonly headers: readonly string[];
  /** `name=value` each. */
  readonly cookies: readonly string[];
  /** `name=value`, with `&` between several; empty for none. */
  readonly query: string;
  readonly names: Readonly<Record<'header' | 'query' | 'cookie', ReadonlySet<string>>>;
}

type SecretPolicy = Pick<ResolvedUpstreamOptions, 'security' | 'forwardAuthorization' | 'forwardHeaders'> & {
  readonly credentials?: { readonly header: string };
  readonly sources?: readonly { readonly header: string }[];
};

/** The same, whatever the secrets are. */
type NamedSecrets = Omit<SecretPolicy, 'security'> & { readonly security?: Readonly<Record<string, unknown>> };

/** The schemes that an operation is called with: the first alternative of its contract that policy has all secrets for. */
function chosenSchemes(info: OperationInfo, policy: NamedSecrets): readonly string[] | undefined {
  const { security = [], contract } = info;
  const isServed = (name: string): boolean =>
    Object.hasOwn(policy.security ?? {}, name) || isSentAnyway(contract.securitySchemes?.[name], policy);
  return (
    security.find((alternative) => alternative.length > 0 && alternative.every(isServed)) ??
    security.find((alternative) => alternative.length === 0)
  );
}

/** True if another key of the policy fills the field that a scheme asks for. */
function isSentAnyway(scheme: SecurityScheme | undefined, policy: NamedSecrets): boolean {
  const { forwardAuthorization, forwardHeaders } = policy;
  const isSet = (header: string): boolean => ownHeaders(policy).includes(header);
  switch (scheme?.kind) {
    case 'bearer':
      return forwardAuthorization || isSet('authorization');
    case 'basic':
      return isSet('authorization');
    case 'header':
      return isSet(scheme.name.toLowerCase()) || forwardHeaders.includes(scheme.name.toLowerCase());
    default:
      return false;
  }
}

/** The headers that other keys of the policy fill with secrets, in lower case. */
export const ownHeaders = ({
  credentials,
  sources = [],
}: Pick<SecretPolicy, 'credentials' | 'sources'>): readonly string[] =>
  [credentials, ...sources].flatMap((one) => one?.header.toLowerCase() ?? []);

/** A sentence about the secrets that the contract asks for and the policy lacks; undefined where none is missing. */
export function missingSecrets(info: OperationInfo, policy: NamedSecrets): string | undefined {
  if (info.security === undefined || chosenSchemes(info, policy) !== undefined) return undefined;
  const { securitySchemes = {}, upstream } = info.contract;
  const wanted = info.security
    .map((names) => names.map((name) => `${name} (${described(securitySchemes[name])})`).join(' and '))
    .join(', or ');
  return `the contract of "${upstream}" has ${info.id} called with ${wanted}; give the secret under security`;
}

function described(scheme: SecurityScheme | undefined): string {
  if (scheme === undefined) return 'a scheme that is not known';
  switch (scheme.kind) {
    case 'basic':
      return 'user and password';
    case 'bearer':
      return 'a bearer token';
    default:
      return `a key in the ${scheme.kind} "${scheme.name}"`;
  }
}

/**
 * The secrets that an operation is called with. Where the policy has no `security` at all, another party may add them: a warning says which
 * ones the contract asks for.
 * @throws Error for secrets that are missing beside others of the policy, TypeError for those that cannot be sent
 */
export function requiredSecrets(info: OperationInfo, policy: SecretPolicy): Secrets | undefined {
  const missing = missingSecrets(info, policy);
  if (missing === undefined) return secretsOf(info, policy);
  if (policy.security !== undefined && Object.keys(policy.security).length > 0) throw new Error(missing);
  if (channels.warning.hasSubscribers)
    channels.warning.publish({ from: 'clients', message: missing } satisfies Warning);
  return undefined;
}

/** @throws TypeError naming upstream and scheme for a secret that cannot be sent; the secret stays out of the message */
function secretsOf(info: OperationInfo, policy: SecretPolicy): Secrets | undefined {
  const { security: given = {} } = policy;
  const schemes = (chosenSchemes(info, policy) ?? []).filter((name) => Object.hasOwn(given, name));
  if (schemes.length === 0) return undefined;
  const headers: string[] = [];
  const cookies: string[] = [];
  const query: string[] = [];
  const names = { header: new Set<string>(), query: new Set<string>(), cookie: new Set<string>() };
  for (const name of schemes) {
    const scheme = info.contract.securitySchemes?.[name];
    const { value = '', user } = given[name] ?? {};
    switch (scheme?.kind) {
      case 'query':
        query.push(`${encodeURIComponent(scheme.name)}=${encodeURIComponent(value)}`);
        names.query.add(scheme.name);
        break;
      case 'cookie':
        cookies.push(`${scheme.name}=${sendable(info, name, encodeURIComponent(value))}`);
        names.cookie.add(scheme.name);
        break;
      case 'header':
        headers.push(scheme.name.toLowerCase(), sendable(info, name, value));
        names.header.add(scheme.name.toLowerCase());
        break;
      case 'bearer':
        headers.push('authorization', sendable(info, name, `Bearer ${value}`));
        break;
      case 'basic':
        if (user === undefined) throw new TypeError(`${info.contract.upstream}: security.${name} needs a user`);
        // RFC 7617 section 2.
        headers.push('authorization', `Basic ${Buffer.from(`${user}:${value}`).toString('base64')}`);
        break;
      case undefined:
        throw new TypeError(`${info.contract.upstream}: its contract has no security scheme "${name}"`);
    }
  }
  const set = ownHeaders(policy);
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? '';
    if (set.includes(name) || (name === 'authorization' && policy.forwardAuthorization))
      throw new TypeError(
        `${info.contract.upstream}: security and another key of the policy both set "${name}" for ${info.id}; remove one of them`,
      );
  }
  return { headers, cookies, query: query.join('&'), names };
}

function sendable({ contract }: OperationInfo, scheme: string, value: string): string {
  try {
    return fieldValue(value);
  } catch {
    throw new TypeError(`${contract.upstream}: the value of security.${scheme} cannot be carried by a header`);
  }
}
