/**
 * Tells whether a host is the name of a service whose addresses stand in SRV records: `_http._tcp.orders.internal` (RFC 2782). No other host
 * begins like that.
 */
export function isServiceName(host: string): boolean {
  return /^_[a-z0-9-]+\._[a-z0-9-]+\../i.test(host);
}
