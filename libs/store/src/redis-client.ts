import { connect as connectPlain, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { AbstractConnector, Redis } from 'ioredis';

/** A connector, because the one that ioredis has does not take a `lookup` without TLS. */
function connectorWith(url: URL, lookup: LookupFunction | undefined) {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const address = { host, port: Number(url.port || 6379), ...(lookup && { lookup }) };
  return class extends AbstractConnector {
    constructor() {
      super(disconnectTimeoutMs);
    }

    override connect(): Promise<Socket> {
      this.connecting = true;
      const stream = url.protocol === 'rediss:' ? connectTls({ ...address, servername: host }) : connectPlain(address);
      stream.once('error', (error) => {
        this.firstError = error;
      });
      this.stream = stream;
      return Promise.resolve(stream);
    }
  };
}

/** A server that hangs does not take part in closing. */
const disconnectTimeoutMs = 100;

/** The one place where a client of Redis is made: it queues nothing, sends nothing twice and connects again for ever. */
export function redisClient(url: URL, timeoutMs: number, lookup: LookupFunction | undefined): Redis {
  return new Redis(url.href, {
    lazyConnect: true,
    enableOfflineQueue: false, // a request waits for no connection
    autoResendUnfulfilledCommands: false, // a hit that was perhaps counted is not counted again
    maxRetriesPerRequest: 0,
    connectTimeout: 1_000,
    commandTimeout: timeoutMs,
    disconnectTimeout: disconnectTimeoutMs,
    maxLoadingRetryTime: 500,
    keepAlive: 10_000,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 5), 500),
    Connector: connectorWith(url, lookup),
  });
}
