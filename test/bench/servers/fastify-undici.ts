// Fastify and undici, without Nest.
import { createRequire } from 'node:module';
import { path, port, screenByHand } from './environment.js';
import { get } from './request.js';

interface FastifyApp {
  get(path: string, handler: () => Promise<object>): unknown;
  listen(options: { readonly port: number; readonly host: string }): Promise<string>;
}

// The Fastify that Nest brings: the workspace has no other.
const nest = createRequire(createRequire(import.meta.url).resolve('@nestjs/platform-fastify'));
const { fastify } = nest('fastify') as { readonly fastify: () => FastifyApp };

const screen = await screenByHand();
const app = fastify();
app.get(path, () => screen(get));
await app.listen({ port, host: '127.0.0.1' });
