import { EventEmitter } from 'node:events';
import { createServer } from 'node:https';
import { boundSending } from '@frontage/core';
import { ManualClock } from '@frontage/testing/manual-clock';
import { expect, it } from 'vitest';

/** A socket of TLS as Node has it: TLS has given a large piece to TCP, and learns that it has gone when all of it has. */
class TlsSocketAlike extends EventEmitter {
  destroyed = false;
  writableLength = 1_000_000;
  bytesWritten = 1_000_000;
  readonly tcp = { bytesWritten: 160_000, writeQueueSize: 160_000 };
  readonly _handle = { bytesWritten: 1_000_000, writeQueueSize: 900_000, _parent: this.tcp };

  destroy(): void {
    this.destroyed = true;
  }
}

function watched(): { readonly socket: TlsSocketAlike; readonly clock: ManualClock } {
  const clock = new ManualClock();
  const server = createServer();
  boundSending(server, { sendIdleTimeoutMs: 400, sendTimeoutMs: 60_000 }, clock);
  const socket = new TlsSocketAlike();
  server.emit('secureConnection', socket);
  return { socket, clock };
}

it('a client over TLS that takes bytes of a piece is not idle while the piece has not gone', async () => {
  const { socket, clock } = watched();
  for (let i = 0; i < 10; i++) {
    await clock.advance(300);
    socket.tcp.writeQueueSize -= 10_000;
  }
  expect(socket.destroyed).toBe(false);
});

it('a client over TLS that takes nothing is cut off', async () => {
  const { socket, clock } = watched();
  await clock.advance(600);
  expect(socket.destroyed).toBe(true);
});
