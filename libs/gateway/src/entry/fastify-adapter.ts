import type { TlsOptions } from 'node:tls';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { BffConfig } from '@frontage/config';
import { ProblemError } from '@frontage/core';
import { takeJson } from '../body/body-parser.js';
import { securityHeaders } from '../door/security-headers.js';
import { clientErrorResponder } from '../exchange/client-error.js';
import { closingResponses, type Ending } from '../shutdown/closing-response.js';
import { boundOf, FastifyEntry, type EntryReply, type EntryRequest } from './fastify-entry.js';
import { schemaCompilers } from './schema-compilers.js';

/**
 * Fastify with the limits of the policy and the entry of all requests.
 * @param tls of a `TlsEntry`; absent: without TLS
 */
export function fastifyFor(config: BffConfig, ending: Ending, tls?: TlsOptions): FastifyAdapter {
  const { limits, listen } = config;
  let entry: FastifyEntry | undefined;
  const server = {
    ServerResponse: closingResponses(ending),
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.headersTimeoutMs,
    // Checked by us: Node refuses it without a problem body, and goes on with what is pipelined behind it.
    requireHostHeader: false,
    // The time until Node notices that one of the two has passed; by itself it looks every half minute.
    connectionsCheckingInterval: Math.min(1000, limits.headersTimeoutMs),
  };
  const adapter = new FastifyAdapter({
    bodyLimit: limits.maxBodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: listen.keepAliveMs,
    // The client address follows from `listen.trustedProxies` here; Fastify trusts no proxy (RELIABILITY H7).
    trustProxy: false,
    clientErrorHandler: clientErrorResponder(securityHeaders(config.securityHeaders)),
    // A path that the router cannot read (RELIABILITY H5): `%zz`, or a parameter longer than any name.
    frameworkErrors: (_error: Error, request: EntryRequest, reply: EntryReply) =>
      entry?.respondToUnreadable(request, reply, new ProblemError('GW_BAD_REQUEST')),
    ...(tls === undefined ? { http: server } : { https: { ...server, ...tls } }),
    forceCloseConnections: 'idle',
    schemaController: { compilersFactory: schemaCompilers() },
  });
  // Its hook comes before all others.
  entry = FastifyEntry.of(adapter);
  takeJson(adapter.getInstance(), (config) => boundOf(config)?.route.bodyMedia);
  return adapter;
}
