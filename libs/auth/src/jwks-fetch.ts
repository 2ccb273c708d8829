import type { Agent } from 'node:http';
import type { HttpService } from '@nestjs/axios';
import type { FetchKeys } from './jwks.js';
import type { JwtSettings } from './jwt.options.js';

/**
 * Fetches keys from exactly the configured address: a redirect, another status, a body beyond the bound or a slow one is a failure.
 * Goes through the app's `HttpService`, so that a company's interceptors hold here too; a proxy is named by policy alone.
 */
export function fetchKeysOver(
  http: HttpService,
  { jwksUrl, jwksTimeoutMs, jwksMaxBytes }: JwtSettings,
  agent?: Agent,
): FetchKeys {
  return async () => {
    const response = await http.axiosRef.get<string>(jwksUrl.href, {
      headers: { accept: 'application/jwk-set+json, application/json' },
      maxRedirects: 0,
      proxy: false,
      ...(agent && { httpAgent: agent, httpsAgent: agent }),
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
