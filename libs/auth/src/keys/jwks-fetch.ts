import type { Agent } from 'node:http';
import type { HttpService } from '@nestjs/axios';
import type { LazyModuleLoader } from '@nestjs/core';
import type { FetchKeys } from './jwks.js';
import type { JwtSettings } from '../options/jwt.options.js';

/** Makes the connections to the issuer. */
export interface IssuerAgent {
  readonly agent: Agent;
  /** Tells whether the agent goes through a proxy. */
  readonly isProxied: boolean;
}

/** Gives the `HttpService` of the app. */
export type LazyHttp = () => Promise<HttpService>;

/** Its module is loaded when keys are first fetched. It is the one that the app imports, where it does. */
export function lazyHttp(loader: LazyModuleLoader): LazyHttp {
  let loaded: Promise<HttpService> | undefined;
  const load = async (): Promise<HttpService> => {
    const { HttpModule, HttpService: Service } = await import('@nestjs/axios');
    const module = await loader.load(() => HttpModule, { logger: false });
    return module.get(Service);
  };
  return () => {
    loaded ??= load().catch((cause: unknown) => {
      loaded = undefined;
      throw cause;
    });
    return loaded;
  };
}

/**
 * Fetches keys from exactly the configured address. A redirect, another status, a body beyond the bound and a slow body are failures. The
 * fetch uses the app's `HttpService`, so that a company's interceptors run here too; policy alone names a proxy.
 */
export function fetchKeysOver(
  http: LazyHttp,
  { jwksUrl, jwksTimeoutMs, jwksMaxBytes }: JwtSettings,
  agent?: IssuerAgent,
): FetchKeys {
  return async () => {
    const { axiosRef } = await http();
    const response = await axiosRef.get<string>(jwksUrl.href, {
      headers: { accept: 'application/jwk-set+json, application/json' },
      maxRedirects: 0,
      // With `false`, axios removes the proxy of an agent.
      ...(agent?.isProxied !== true && { proxy: false }),
      ...(agent && { httpAgent: agent.agent, httpsAgent: agent.agent }),
      maxContentLength: jwksMaxBytes,
      responseType: 'text',
      transformResponse: (body: string) => body,
      // `timeout` of axios bounds the time without a byte. The signal bounds the whole fetch, so that a slow body ends too.
      signal: AbortSignal.timeout(jwksTimeoutMs),
      validateStatus: (status) => status === 200,
    });
    return JSON.parse(response.data);
  };
}
