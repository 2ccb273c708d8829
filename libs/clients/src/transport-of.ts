import type { HttpService } from '@nestjs/axios';
import type { Clock, Names } from '@frontage/core';
import { ClientTls } from './credentials/client-tls.js';
import type { ResolvedUpstreamOptions } from './policy/upstream.options.js';
import { AxiosTransport } from './transports/axios/axios.transport.js';
import { DirectTransport } from './transports/direct/direct.transport.js';
import type { Transport } from './transports/transport.js';
import { UndiciTransport } from './transports/undici/undici.transport.js';

/** @throws TypeError where the transport needs what is not there, ClientTlsError for a file of `tls` that cannot be used */
export function transportOf(
  name: string,
  options: ResolvedUpstreamOptions,
  deps: { readonly clock: Clock; readonly httpService?: HttpService; readonly names?: Names | undefined },
): Transport {
  const limits = {
    upstream: name,
    clock: deps.clock,
    maxBodyBytes: options.maxBodyBytes,
    names: deps.names,
    tls: options.tls && new ClientTls(name, options.tls, deps.clock),
    mustEchoRequestId: options.echo === 'x-request-id',
  };
  // `direct` speaks HTTP/1.1 alone.
  if (options.transport === 'undici' || options.protocol === 'h2') return new UndiciTransport(options, limits);
  if (options.transport === 'direct') return new DirectTransport(options, limits);
  if (deps.httpService === undefined)
    throw new TypeError(`${name}: transport axios needs the HttpService of @nestjs/axios`);
  return new AxiosTransport(deps.httpService, options, limits);
}
