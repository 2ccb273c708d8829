import { generateKeyPairSync, hash, type KeyObject, randomBytes, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { OpenId } from './open-id.js';

/** Credentials for the guarded endpoint, their issuer, and a collector that takes spans and forgets them. */
export interface Support {
  readonly issuerUrl: string;
  readonly otlpUrl: string;
  readonly token: string;
  readonly apiKey: string;
  /** A file that knows this key. */
  readonly apiKeysFile: string;
  stop(): void;
}

/** @param folder for the file of API keys */
export async function startSupport(folder: string): Promise<Support> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwks = JSON.stringify({
    keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'bench', alg: 'RS256', use: 'sig' }],
  });
  let url = '';
  const openId = new OpenId((claims) => token({ iss: url, ...claims }, privateKey));
  const server = createServer((request, response) => {
    void openId.answer(request, url).then((answer) => {
      if (typeof answer === 'string') return response.writeHead(303, { location: answer }).end();
      request.resume();
      const body = request.url === '/jwks.json' ? jwks : JSON.stringify(answer ?? {});
      return response.writeHead(200, { 'content-type': 'application/json' }).end(body);
    });
  });
  await listening(server);
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuerUrl: url,
    otlpUrl: `${url}/v1/traces`,
    token: token({ iss: url, aud: 'bench-bff', sub: 'ada', scope: 'home:read' }, privateKey),
    ...apiKey(folder),
    stop: () => server.close(),
  };
}

/** A key as `frontage keys create` makes it. */
function apiKey(folder: string): Pick<Support, 'apiKey' | 'apiKeysFile'> {
  const id = randomBytes(8).toString('hex');
  const key = `fk_${id}_${randomBytes(32).toString('base64url')}`;
  const file = join(folder, 'api-keys.json');
  const of = { id, name: 'ada', subject: 'ada', scopes: ['home:read'], roles: [], createdAt: new Date().toISOString() };
  writeFileSync(file, JSON.stringify({ keys: [{ ...of, hash: hash('sha256', key) }] }));
  return { apiKey: key, apiKeysFile: file };
}

const listening = (server: Server): Promise<void> => new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

function token(claims: object, key: KeyObject): string {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = `${part({ alg: 'RS256', kid: 'bench', typ: 'at+jwt' })}.${part({ ...claims, iat: now, exp: now + 7200 })}`;
  return `${body}.${sign('RSA-SHA256', Buffer.from(body), key).toString('base64url')}`;
}
