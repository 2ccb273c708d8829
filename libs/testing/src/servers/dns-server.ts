import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket as TcpSocket } from 'node:net';
import { isIP } from 'node:net';
import { decode, encode, streamDecode, streamEncode, TRUNCATED_RESPONSE, type Answer, type Packet } from 'dns-packet';

/** The response of the server for one name. */
export type DnsReply =
  | { readonly addresses: readonly string[]; readonly ttl?: number; readonly delayMs?: number }
  /** RFC 1034 section 3.6.2: the response holds the alias and the records of its target. */
  | { readonly alias: string; readonly ttl?: number }
  /** SRV records. */
  | { readonly services: readonly DnsService[]; readonly ttl?: number }
  | 'hang'
  | 'servfail'
  | 'refused'
  | 'nxdomain'
  /** Over UDP the response is truncated; over TCP it is complete. */
  | { readonly truncated: readonly string[]; readonly ttl?: number };

/** RFC 2782. */
export interface DnsService {
  readonly target: string;
  readonly port: number;
  readonly priority?: number;
  readonly weight?: number;
}

export interface DnsQuestion {
  readonly name: string;
  readonly type: string;
  readonly over: 'udp' | 'tcp';
}

const rcode = { noerror: 0, servfail: 2, nxdomain: 3, refused: 5 } as const;

/** A name server of a test, on a free port of the loopback, over UDP and TCP. A name without a reply does not exist. */
export class DnsServer {
  /** The questions, in order. */
  readonly questions: DnsQuestion[] = [];
  readonly replies = new Map<string, DnsReply>();
  /** A reply for every name, in place of `replies`. */
  replyToAll: DnsReply | undefined = undefined;
  /** `127.0.0.1:41234` */
  readonly address: string;
  readonly #udp: Socket;
  readonly #tcp: Server;
  readonly #open = new Set<TcpSocket>();

  private constructor(udp: Socket, tcp: Server) {
    this.#udp = udp;
    this.#tcp = tcp;
    this.address = `127.0.0.1:${udp.address().port}`;
  }

  static async start(replies: Readonly<Record<string, DnsReply>> = {}): Promise<DnsServer> {
    const [udp, tcp] = await bothOnOnePort();
    const server = new DnsServer(udp, tcp);
    for (const [name, reply] of Object.entries(replies)) server.replies.set(name, reply);
    udp.on('message', (message, from) => server.#overUdp(message, from));
    tcp.on('connection', (socket) => server.#overTcp(socket));
    return server;
  }

  /** Names of the questions for IPv4 addresses. */
  get asked(): string[] {
    return this.questions.filter(({ type }) => type === 'A').map(({ name }) => name);
  }

  async stop(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    const closed = once(this.#udp, 'close');
    this.#udp.close();
    await new Promise((resolve) => this.#tcp.close(resolve));
    await closed;
  }

  #overUdp(message: Buffer, from: RemoteInfo): void {
    this.#reply(decode(message), 'udp', (packet) => this.#udp.send(encode(packet), from.port, from.address));
  }

  #overTcp(socket: TcpSocket): void {
    this.#open.add(socket);
    socket.on('close', () => this.#open.delete(socket)).on('error', () => undefined);
    socket.on('data', (message) =>
      this.#reply(streamDecode(message), 'tcp', (packet) => socket.write(streamEncode(packet))),
    );
  }

  #reply(query: Packet, over: 'udp' | 'tcp', send: (packet: Packet) => void): void {
    const question = query.questions?.[0];
    if (question === undefined) return;
    const { name, type } = question;
    this.questions.push({ name, type, over });
    const reply = this.replyToAll ?? this.replies.get(name) ?? 'nxdomain';
    if (reply === 'hang') return;
    const packet = (flags: number, answers: Answer[] = []): Packet => ({
      type: 'response',
      id: query.id ?? 0,
      flags: 0x180 | flags,
      questions: [question],
      answers,
    });
    if (typeof reply === 'string') send(packet(rcode[reply]));
    else if ('truncated' in reply && over === 'udp') send(packet(TRUNCATED_RESPONSE));
    else if ('delayMs' in reply) setTimeout(() => send(packet(0, this.#records(name, type, reply))), reply.delayMs);
    else send(packet(0, this.#records(name, type, reply)));
  }

  #records(name: string, type: string, reply: Exclude<DnsReply, string>): Answer[] {
    const { ttl = 60 } = reply;
    if ('alias' in reply) {
      const target = this.replies.get(reply.alias);
      const below = typeof target === 'object' ? this.#records(reply.alias, type, target) : [];
      return [{ type: 'CNAME', name, ttl, data: reply.alias }, ...below];
    }
    if ('services' in reply) {
      if (type !== 'SRV') return [];
      return reply.services.map((data): Answer => ({ type: 'SRV', name, ttl, data }));
    }
    const all = 'truncated' in reply ? reply.truncated : reply.addresses;
    return all.flatMap((data): Answer[] => {
      if (type === 'A' && isIP(data) === 4) return [{ type: 'A', name, ttl, data }];
      return type === 'AAAA' && isIP(data) === 6 ? [{ type: 'AAAA', name, ttl, data }] : [];
    });
  }
}

/** A port that is free for UDP may be taken for TCP. */
async function bothOnOnePort(): Promise<[Socket, Server]> {
  for (;;) {
    const udp = createSocket('udp4');
    udp.bind(0, '127.0.0.1');
    await once(udp, 'listening');
    const tcp = createServer();
    tcp.listen(udp.address().port, '127.0.0.1');
    const isFree = await once(tcp, 'listening').then(
      () => true,
      () => false,
    );
    if (isFree) return [udp, tcp];
    udp.close();
  }
}
