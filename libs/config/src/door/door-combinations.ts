import type { BehindCdnConfig, ServerTimingConfig, SignaturesConfig } from '../blocks/door-config.js';
import type { Path } from '../document/tree.js';

/** The members of the policy that concern the door. */
interface Door {
  readonly listen: {
    readonly behindCdn?: BehindCdnConfig | undefined;
    readonly trustedProxies: number | readonly string[];
  };
  readonly auditLog?: object | undefined;
  readonly signatures?: SignaturesConfig | undefined;
  readonly serverTiming?: ServerTimingConfig | undefined;
  readonly access?: object | undefined;
  readonly upstreams: Readonly<Record<string, { readonly forwardHeaders: readonly string[] }>>;
}

/** Finds values at the door that are valid one by one and contradict each other. */
export function checkDoor(
  { listen, upstreams, auditLog, signatures, serverTiming, access }: Door,
  refuse: (path: Path, message: string) => void,
): void {
  if (signatures?.mode === 'report' && auditLog === undefined)
    refuse(['signatures', 'mode'], '"report" writes into the audit log; add "auditLog"');
  const named = [...(serverTiming?.roles ?? []), ...(serverTiming?.scopes ?? [])];
  if (serverTiming?.everybody === false && named.length === 0)
    refuse(['serverTiming'], 'nobody would get it; add "roles", "scopes" or "everybody: true"');
  if (named.length > 0 && access === undefined)
    refuse(['serverTiming'], 'without "access" no caller has a role or a scope; remove "roles" and "scopes"');
  const { behindCdn, trustedProxies } = listen;
  if (behindCdn === undefined) return;
  const path = ['listen', 'behindCdn'];
  if (behindCdn.addresses.length === 0 && behindCdn.addressesFile === undefined)
    refuse(path, 'nobody could connect; add "addresses" or "addressesFile"');
  if (typeof trustedProxies === 'number' ? trustedProxies > 0 : trustedProxies.length > 0)
    refuse(['listen', 'trustedProxies'], 'with "behindCdn" the CDN names the client; remove "trustedProxies"');
  const { header } = behindCdn.originSecret ?? {};
  if (header === undefined) return;
  if (header === behindCdn.clientAddress)
    refuse([...path, 'originSecret', 'header'], `"${header}" has the address of the client; name another field`);
  for (const [name, { forwardHeaders }] of Object.entries(upstreams)) {
    if (forwardHeaders.includes(header))
      refuse(['upstreams', name, 'forwardHeaders'], `"${header}" has the secret of the CDN; it goes to no service`);
  }
}
