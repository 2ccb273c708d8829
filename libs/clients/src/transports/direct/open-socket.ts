import { connect, isIP, type LookupFunction, type OnReadOpts, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, type SecureContext } from 'node:tls';
import type { ClientTls } from '../../credentials/client-tls.js';

/** Opens sockets to one address, over TLS for `https:`. */
export type OpenSocket = (onread: OnReadOpts, onOpen: () => void) => Socket;

/** Probes of a connection without traffic begin after this time; a load balancer that forgot it is noticed by them. */
const keepAliveProbesAfterMs = 60_000;

/**
 * @param lookup gives the addresses of the name. @default that of the system
 * @param tls by policy. @default that of Node
 */
export function openerOf(url: URL, lookup: LookupFunction | undefined, tls: ClientTls | undefined): OpenSocket {
  // Brackets belong to the URL.
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const named = lookup && { lookup };
  if (url.protocol === 'http:') {
    const options = {
      host,
      port: url.port === '' ? 80 : Number(url.port),
      ...named,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: keepAliveProbesAfterMs,
    };
    return (onread, onOpen) => connect({ ...options, onread }).once('connect', onOpen);
  }
  const options = {
    host,
    port: url.port === '' ? 443 : Number(url.port),
    ...named,
    // RFC 6066 section 3: an address is no server name.
    ...(isIP(host) === 0 && { servername: host }),
    ...(tls?.serverName !== undefined && { servername: tls.serverName }),
    ALPNProtocols: ['http/1.1'],
  };
  /** Has the certificate authorities of Node, those of `NODE_EXTRA_CA_CERTS` too. One for each connection would cost milliseconds. */
  let secureContext: SecureContext | undefined;
  /** The last one that this address gave: the next connection resumes it (RFC 8446 section 2.2). */
  let session: Buffer | undefined;
  tls?.onChange(() => (session = undefined));
  return (onread, onOpen) => {
    secureContext = tls?.context ?? secureContext ?? createSecureContext();
    const resumed = session;
    // Node passes `onread` to the socket, which its types do not say.
    const its = { ...options, secureContext, onread, ...(resumed && { session: resumed }) };
    const socket = connectTls(its);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAliveProbesAfterMs);
    return socket
      .on('session', (given) => (session = given))
      .once('error', () => {
        // The address may have changed its keys.
        if (session === resumed) session = undefined;
      })
      .once('secureConnect', onOpen);
  };
}
