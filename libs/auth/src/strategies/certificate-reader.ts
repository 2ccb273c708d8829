import { X509Certificate } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import { LRUCache } from 'lru-cache';
import { readCertificate, type ClientCertificate } from '../credentials/client-certificate.js';
import type { RequestHead } from '../verifiers/token-verifier.js';

/** Gives the client certificate of a request. */
export type CertificateReader = (request: RequestHead) => ClientCertificate | undefined;

/** Read once for each connection; null where the client has none. */
const ofConnections = new WeakMap<TLSSocket, ClientCertificate | null>();

/** The certificate with which the client opened its connection. `Client-Cert` and its relatives are not read. */
export const certificateOfConnection: CertificateReader = ({ socket }) => {
  if (!(socket instanceof TLSSocket)) return undefined;
  let certificate = ofConnections.get(socket);
  if (certificate === undefined) {
    const peer = socket.getPeerX509Certificate();
    certificate = peer === undefined ? null : readCertificate(peer, socket.authorized ? undefined : reasonOf(socket));
    ofConnections.set(socket, certificate);
  }
  return certificate ?? undefined;
};

/** The types of Node say `Error`; it is a code, such as `DEPTH_ZERO_SELF_SIGNED_CERT`. */
const reasonOf = ({ authorizationError }: TLSSocket): string => String(authorizationError);

const maxKnown = 1_000;

/**
 * The certificate that a proxy which ends TLS has verified, and names in `Client-Cert` (RFC 9440 section 2.2). The field of any other
 * peer is not read.
 * @param isProxy by the address of the peer
 */
export function certificateOfProxy(isProxy: (address: string) => boolean): CertificateReader {
  const known = new LRUCache<string, ClientCertificate>({ max: maxKnown });
  return ({ headers, socket }) => {
    const field = headers['client-cert'];
    if (field === undefined || !isProxy(socket?.remoteAddress ?? '')) return undefined;
    const text = String(field);
    let certificate = known.get(text);
    if (certificate === undefined) known.set(text, (certificate = certificateOfField(text)));
    return certificate;
  };
}

const malformed: ClientCertificate = {
  thumbprint: '',
  subject: '',
  names: [],
  validFrom: 0,
  validTo: 0,
  untrusted: 'the header Client-Cert holds no certificate',
};

/** A byte sequence (RFC 9651 section 3.3.5) of DER. A field that is sent twice is joined with a comma, and so is malformed. */
function certificateOfField(text: string): ClientCertificate {
  const [, base64] = /^:([A-Za-z0-9+/]+={0,2}):$/.exec(text) ?? [];
  if (base64 === undefined) return malformed;
  try {
    return readCertificate(new X509Certificate(Buffer.from(base64, 'base64')));
  } catch {
    return malformed;
  }
}
