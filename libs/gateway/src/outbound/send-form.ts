import type { AddressAgent, SendForm } from '@frontage/clients';

/** A response of a token endpoint is a token and a few words. */
const maxBytes = 65_536;

/** Sends forms to one address. Policy alone names a proxy, and a redirect is an answer like any other: it is not followed. */
export function sendFormThrough({ agent, isProxied }: AddressAgent): SendForm {
  return async (url, { headers, body, signal }) => {
    // Loaded when the first token is fetched: most apps fetch none.
    const { default: axios } = await import('axios');
    const {
      status,
      data,
      headers: fields,
    } = await axios.request<string>({
      url,
      method: 'POST',
      headers,
      data: body,
      maxRedirects: 0,
      // With `false`, axios removes the proxy of an agent.
      ...(!isProxied && { proxy: false }),
      httpAgent: agent,
      httpsAgent: agent,
      maxContentLength: maxBytes,
      responseType: 'text',
      transformResponse: (text: string) => text,
      signal,
      validateStatus: () => true,
    });
    const type: unknown = fields['content-type'];
    const isEmpty = status === 204 || status === 205 || status === 304;
    return new Response(isEmpty ? null : data, {
      status,
      ...(typeof type === 'string' && { headers: { 'content-type': type } }),
    });
  };
}
