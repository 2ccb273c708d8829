import { ServerResponse, type IncomingMessage, type OutgoingHttpHeader, type OutgoingHttpHeaders } from 'node:http';

/** True if an app is ending. */
export interface Ending {
  readonly isDraining: boolean;
}

type Headers = OutgoingHttpHeaders | OutgoingHttpHeader[];

/**
 * The responses of one server: while the app ends, each says `connection: close` (RFC 9112 section 9.6), for every writer, so that no
 * client sends its next request into a connection that is being closed. Before that it costs one comparison.
 */
export function closingResponses(app: Ending): typeof ServerResponse {
  return class ClosingResponse<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
    override writeHead(status: number, first?: string | Headers, second?: Headers): this {
      if (app.isDraining) {
        this.shouldKeepAlive = false;
        this.removeHeader('keep-alive');
        this.setHeader('connection', 'close');
        if (typeof first === 'string') return super.writeHead(status, first, withoutConnection(second));
        return super.writeHead(status, withoutConnection(first));
      }
      return typeof first === 'string' ? super.writeHead(status, first, second) : super.writeHead(status, first);
    }
  };
}

const isConnection = (name: unknown): boolean => /^(?:connection|keep-alive)$/i.test(String(name));

/** A controller may have written the field itself, as an object or as a flat list of names and values. */
function withoutConnection(headers: Headers | undefined): Headers | undefined {
  if (!Array.isArray(headers)) {
    return headers && Object.fromEntries(Object.entries(headers).filter(([name]) => !isConnection(name)));
  }
  const kept: OutgoingHttpHeader[] = [];
  for (let at = 0; at < headers.length;) {
    const entry = headers[at];
    if (Array.isArray(entry)) {
      if (!isConnection(entry[0])) kept.push(entry);
      at++;
    } else {
      if (entry !== undefined && !isConnection(entry)) kept.push(...headers.slice(at, at + 2));
      at += 2;
    }
  }
  return kept;
}
