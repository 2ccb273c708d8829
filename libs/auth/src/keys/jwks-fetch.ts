import type { Agent } from 'node:http';
import type { HttpService } from '@nestjs/axios';
import type { FetchKeys } from './jwks.js';
import type { JwtSettings } from '../options/jwt.options.js';

/** Makes the connections to the issuer. */
export interface IssuerAgent {
  readonly agent: Agent;
  /** Tells whether the agent goes through a proxy. */
  readonly isProxied: boolean;
}

/**
 * Fetches keys from exactly the configured address. A redirect, another status, a body beyond the bound and a slow body are failures. The
 * fetch uses the app's `HttpService`, so that a company's interceptors run here too; policy alone names a proxy.
 */
export function fetchKeysOver(
  http: HttpService,
  { jwksUrl, jwksTimeoutMs, jwksMaxBytes }: JwtSettings,
  agent?: IssuerAgent,
): FetchKeys {
  return async () => {
    const response = await http.axiosRef.get<string>(jwksUrl.href, {
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
