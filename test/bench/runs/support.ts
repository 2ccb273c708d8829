import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Keys and one token for the guarded endpoint, and a collector that takes spans and forgets them. */
export interface Support {
  readonly issuerUrl: string;
  readonly otlpUrl: string;
  readonly token: string;
  stop(): void;
}

export async function startSupport(): Promise<Support> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwks = JSON.stringify({
    keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'bench', alg: 'RS256', use: 'sig' }],
  });
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(request.url === '/jwks.json' ? jwks : '{}'),
    );
  });
  await listening(server);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { issuerUrl: url, otlpUrl: `${url}/v1/traces`, token: token(url, privateKey), stop: () => server.close() };
}

const listening = (server: Server): Promise<void> => new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

function token(issuer: string, key: KeyObject): string {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = `${part({ alg: 'RS256', kid: 'bench', typ: 'at+jwt' })}.${part({ iss: issuer, aud: 'bench-bff', sub: 'ada', scope: 'home:read', iat: now, exp: now + 7200 })}`;
  return `${body}.${sign('RSA-SHA256', Buffer.from(body), key).toString('base64url')}`;
}
