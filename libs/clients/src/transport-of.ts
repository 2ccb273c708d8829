import type { HttpService } from '@nestjs/axios';
import type { Clock, Names } from '@frontage/core';
import type { ResolvedUpstreamOptions } from './policy/upstream.options.js';
import { AxiosTransport } from './transports/axios/axios.transport.js';
import { DirectTransport } from './transports/direct/direct.transport.js';
import type { Transport } from './transports/transport.js';
import { UndiciTransport } from './transports/undici/undici.transport.js';

/** @throws TypeError where the transport needs what is not there */
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
    mustEchoRequestId: options.echo === 'x-request-id',
  };
  if (options.transport === 'undici') return new UndiciTransport(options, limits);
  if (options.transport === 'direct') return new DirectTransport(options, limits);
  if (deps.httpService === undefined)
    throw new TypeError(`${name}: transport axios needs the HttpService of @nestjs/axios`);
  return new AxiosTransport(deps.httpService, options, limits);
}
