import type { Agent } from 'node:http';
import type { HttpService } from '@nestjs/axios';
import type { FetchKeys } from './jwks.js';
import type { JwtSettings } from '../options/jwt.options.js';

/** Makes the connections to the issuer. */
export interface IssuerAgent {
  readonly agent: Agent;
  /** Whether the agent goes through a proxy. */
  readonly isProxied: boolean;
}

/**
 * Fetches keys from exactly the configured address: a redirect, another status, a body beyond the bound or a slow one is a failure.
 * Goes through the app's `HttpService`, so that a company's interceptors hold here too; a proxy is named by policy alone.
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
      // axios strips the proxy of an agent where it is told `false`.
      ...(agent?.isProxied !== true && { proxy: false }),
      ...(agent && { httpAgent: agent.agent, httpsAgent: agent.agent }),
      maxContentLength: jwksMaxBytes,
      responseType: 'text',
      transformResponse: (body: string) => body,
      // `timeout` of axios counts silence; the signal counts everything, so that a body that drips ends too.
      signal: AbortSignal.timeout(jwksTimeoutMs),
      validateStatus: (status) => status === 200,
    });
    return JSON.parse(response.data);
  };
}
