import type { CacheScope } from '@frontage/caching';
import type { CredentialSource } from '../credentials/credential-source.js';
import { fieldValue } from '../encode/encode-value.js';

interface SecretOptions {
  readonly credentials?: { readonly header: string; readonly value: string };
  readonly sources: readonly CredentialSource[];
  readonly forwardHeaders: readonly string[];
  readonly forwardAuthorization: boolean;
  readonly cache?: Readonly<Record<string, { readonly scope?: CacheScope }>>;
}

/**
 * Refuses secrets of one upstream that would stand in one field, or reach a caller that they are not for.
 * @throws TypeError naming the upstream; no message holds a secret
 */
export function checkSecrets(upstream: string, options: SecretOptions): void {
  const { credentials, sources, cache = {}, forwardAuthorization } = options;
  if (credentials !== undefined) {
    try {
      fieldValue(credentials.value);
    } catch {
      // The value stays out of the message.
      throw new TypeError(`${upstream}: the value of credentials cannot be carried by a header`);
    }
  }
  const taken = new Set([...options.forwardHeaders, ...(forwardAuthorization ? ['authorization'] : [])]);
  for (const header of [credentials, ...sources].flatMap((one) => one?.header.toLowerCase() ?? [])) {
    if (taken.has(header))
      throw new TypeError(`${upstream}: credentials and another header of the policy both set "${header}"`);
    taken.add(header);
  }
  const seesCaller = forwardAuthorization
    ? 'forwardAuthorization'
    : sources.find(({ isPerCaller }) => isPerCaller)?.header;
  for (const [operation, { scope }] of Object.entries(cache)) {
    if (scope === 'public' && seesCaller !== undefined)
      throw new TypeError(
        `${upstream}: cache.${operation} is public, but the upstream sees who is asking (${seesCaller})`,
      );
  }
}
