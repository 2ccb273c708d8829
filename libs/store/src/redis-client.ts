import { connect as connectPlain, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { AbstractConnector, Redis } from 'ioredis';

/** A connector of our own, because that of ioredis takes no `lookup` without TLS. */
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

/** Time for closing the connection, because a server that hangs does not close it. */
const disconnectTimeoutMs = 100;

/** The only place that makes a client of Redis. The client queues nothing, sends nothing twice and always reconnects. */
export function redisClient(url: URL, timeoutMs: number, lookup: LookupFunction | undefined): Redis {
  return new Redis(url.href, {
    lazyConnect: true,
    enableOfflineQueue: false, // a request does not wait for a connection
    autoResendUnfulfilledCommands: false, // a hit that may have been counted is not counted twice
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
