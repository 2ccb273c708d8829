// Upstreams that take their time: files of a folder, written after LATENCY_MS, with as little work as Node can do it.
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const folder = process.argv[2] ?? '.';
const latencyMs = Number(process.env['LATENCY_MS']);
const variants = 64;

/** Whole responses, head and body, by path and variant. */
const answers = new Map<string, Buffer[]>();
for (let variant = 0; variant < variants; variant++) {
  const root = join(folder, String(variant));
  for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.json')) continue;
    const path = `/${file.slice(0, -'.json'.length)}`;
    const body = readFileSync(join(root, file));
    const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
    answers.set(path, [...(answers.get(path) ?? []), Buffer.concat([Buffer.from(head, 'latin1'), body])]);
  }
}
const notFound = [Buffer.from('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n', 'latin1')];

// One variant until the benchmark says that bytes are to differ.
let last = 0;
process.on('SIGHUP', () => (last = variants - 1));

let count = 0;
createServer({ noDelay: true }, (socket) => {
  let unread = '';
  socket.setEncoding('latin1');
  socket.on('error', () => socket.destroy());
  socket.on('data', (text: string) => {
    unread += text;
    // Requests without a body, one at a time on a connection: the head is all of it.
    for (let end = unread.indexOf('\r\n\r\n'); end !== -1; end = unread.indexOf('\r\n\r\n')) {
      const path = unread.slice(unread.indexOf(' ') + 1, unread.indexOf(' HTTP/'));
      unread = unread.slice(end + 4);
      const choices = answers.get(path) ?? notFound;
      // Scattered, so that calls that come in turn do not get variants in turn.
      const answer = choices[(Math.imul(count++, 2_654_435_761) >>> 26) & last] ?? choices[0];
      if (answer !== undefined) setTimeout(() => socket.write(answer), latencyMs);
    }
  });
}).listen({ port: Number(process.env['PORT']), host: '127.0.0.1', backlog: 4096 });
