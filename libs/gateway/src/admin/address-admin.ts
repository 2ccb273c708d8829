import { jsonPage, type AdminRoute } from '@frontage/admin';
import type { Upstream } from '@frontage/clients';

/** `GET /addresses`: each address of the upstreams that have several, with its state. */
export const addressesPage =
  (upstreams: () => readonly Upstream[]): AdminRoute =>
  () =>
    jsonPage({
      addresses: upstreams().flatMap((upstream) => {
        const panics = upstream.panics();
        return upstream.addresses().map(({ forMs, ...address }) => ({
          upstream: upstream.name,
          ...address,
          ...(forMs !== undefined && { forSeconds: Math.ceil(forMs / 1_000) }),
          ...(panics.includes(address.group ?? '') && { panic: true }),
        }));
      }),
    });
