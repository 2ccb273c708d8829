import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DnsServer } from '@frontage/testing/dns-server';
import type { RawServer } from '@frontage/testing/raw-server';
import { redisIsInstalled, RedisServer } from '@frontage/testing/redis';
import { Issuer, signingKey, tokenOf, type SigningKey } from '../../libs/auth/src/fixtures/issuer.js';
import { Child } from './child.js';
import { transports } from './contracts.js';
import type { ProcessState } from './process-state.js';
import { Desk, deskConcurrency } from './upstreams/desk.js';
import { startFaulty } from './upstreams/faulty.js';

export const userCount = 40;
export const audience = 'soak';
/** Stands in errors that the BFF logs: neither a response nor the log may hold it. */
export const secret = 'hunter2-of-the-soak';

/** A BFF as a process, and all that it depends on. */
export class SoakWorld {
  readonly desk: Desk;
  readonly faulty: RawServer;
  readonly dns: DnsServer;
  readonly issuer: Issuer;
  readonly keys: { readonly kept: SigningKey; readonly withdrawn: SigningKey; readonly foreign: SigningKey };
  readonly tokens: readonly string[];
  readonly folder: string;
  redis: RedisServer | undefined;
  /** True if the BFF must refuse tokens of that key by now. */
  isKeyWithdrawn = false;
  frail: Child;
  readonly frailPort: number;
  readonly bff: Child;
  readonly url: string;
  readonly adminUrl: string;

  private constructor(
    parts: Omit<SoakWorld, 'state' | 'restartFrail' | 'stop' | 'logFile' | 'isKeyWithdrawn' | 'withdrawKey'>,
  ) {
    ({
      desk: this.desk,
      faulty: this.faulty,
      dns: this.dns,
      issuer: this.issuer,
      keys: this.keys,
      tokens: this.tokens,
      folder: this.folder,
      redis: this.redis,
      frail: this.frail,
      frailPort: this.frailPort,
      bff: this.bff,
      url: this.url,
      adminUrl: this.adminUrl,
    } = parts);
  }

  static async start(): Promise<SoakWorld> {
    const folder = mkdtempSync(join(tmpdir(), 'soak-'));
    const desk = await Desk.start();
    const faulty = await startFaulty();
    const dns = await DnsServer.start({ 'named.test': { addresses: ['127.0.0.1'], ttl: 1 } });
    const keys = {
      kept: await signingKey('kept', 'ES256'),
      withdrawn: await signingKey('withdrawn', 'ES256'),
      foreign: await signingKey('foreign', 'ES256'),
    };
    const issuer = await Issuer.start(keys.kept, keys.withdrawn);
    const redis = redisIsInstalled() ? await RedisServer.start() : undefined;
    const [frail, frailPort] = await startFrail(0);
    const policy = join(folder, 'bff.yaml');
    writeFileSync(policy, policyText({ desk, faulty, dns, issuer, redis, frailPort, folder }));
    const bff = new Child({
      file: './fixtures/soak.main.ts',
      env: { SOAK_POLICY: policy, SOAK_SECRET: secret, NODE_ENV: 'test' },
      // The two flags of memory are those that `frontage start` sets.
      nodeArguments: ['--expose-gc', '--max-semi-space-size=32'],
    });
    const { url, adminUrl } = JSON.parse(await bff.firstLine()) as { readonly url: string; readonly adminUrl: string };
    const tokens = await Promise.all(Array.from({ length: userCount }, (_, user) => userToken(keys.kept, user)));
    const parts = { desk, faulty, dns, issuer, keys, tokens, folder, redis, frail, frailPort, bff, url, adminUrl };
    return new SoakWorld(parts);
  }

  get logFile(): string {
    return join(this.folder, 'log');
  }

  async state(): Promise<ProcessState> {
    const told = this.bff.message();
    this.bff.send('state');
    return (await told) as ProcessState;
  }

  /** Takes one of the two keys out of the issuer's set, and waits for as long as it may still be believed: `keys.refresh`, twice, and a fetch. */
  async withdrawKey(): Promise<void> {
    this.issuer.keys = [this.keys.kept.publicJwk];
    await pause(4_000);
    this.isKeyWithdrawn = true;
  }

  async restartFrail(): Promise<void> {
    await this.frail.end('SIGKILL');
    [this.frail] = await startFrail(this.frailPort);
  }

  /** Resolves with the exit code of the BFF. */
  async stop(): Promise<number | null> {
    const code = await this.bff.end('SIGTERM');
    await this.frail.end('SIGKILL');
    await Promise.all([this.desk.stop(), this.faulty.stop(), this.dns.stop(), this.issuer.stop(), this.redis?.stop()]);
    rmSync(this.folder, { recursive: true, force: true });
    return code;
  }
}

export const userToken = (key: SigningKey, user: number): Promise<string> => {
  const now = Math.floor(Date.now() / 1000);
  return tokenOf(key, { sub: `user-${user}`, aud: audience, exp: now + 7_200 });
};

async function startFrail(port: number): Promise<readonly [Child, number]> {
  const child = new Child({ file: './upstreams/frail.main.ts', env: { FRAIL_PORT: String(port) } });
  const ready = (await child.message()) as { readonly port: number };
  return [child, ready.port];
}

type PolicyParts = Pick<SoakWorld, 'desk' | 'faulty' | 'dns' | 'issuer' | 'redis' | 'frailPort' | 'folder'>;

const policyText = ({ desk, faulty, dns, issuer, redis, frailPort, folder }: PolicyParts): string => `
bff: soak
listen: { port: 0, adminPort: 0, trustedProxies: 1 }
deadline: 5s
log: { file: '${join(folder, 'log')}' }
access:
  jwt:
    issuer: ${issuer.issuer}
    audience: ${audience}
    jwks: '${issuer.jwks}'
    tokenCache: 1s
    keys: { refresh: 1s, timeout: 500ms }
limits:
  maxInFlight: 400
  headersTimeout: 2s
  requestTimeout: 3s
  sendIdleTimeout: 1s
  sendTimeout: 5s
addressLimit: { limit: 1000000, window: 10s }
rateClasses:
  few: [{ per: user, limit: 5, window: 10s }]
${redis === undefined ? '' : `redis: { url: '${redis.url}' }`}
dns: { servers: ['${dns.address}'], timeout: 500ms, minTtl: 100ms, maxTtl: 1s, negativeTtl: 500ms, staleFor: 1s }
upstreams:
  desk:
    urls: ['${desk.url}']
    timeout: 3s
    transport: direct
    concurrency: ${deskConcurrency}
    queue: 1000
    forwardAuthorization: true
    cache: { getProfile: { ttl: 300ms } }
  bulletin: { urls: ['${desk.url}'], timeout: 3s, cache: { getNews: { ttl: 300ms, scope: public } } }
  frail:
    urls: ['http://127.0.0.1:${frailPort}']
    timeout: 500ms
    connectTimeout: 200ms
    retry: { attempts: 2 }
    breaker: { openFor: 500ms }
  named: { urls: ['http://named.test:${frailPort}'], timeout: 500ms, breaker: { openFor: 500ms } }
${transports
  .map(
    (transport) =>
      `  faulty-${transport}: { urls: ['${faulty.url}'], timeout: 400ms, transport: ${transport}, maxBody: 128KiB, echo: x-request-id }`,
  )
  .join('\n')}
`;
