// Home-5 in Apollo Server: one query, a resolver per service, undici to the services.
import { createServer } from 'node:http';
import { ApolloServer, HeaderMap } from '@apollo/server';
import { Pool } from 'undici';
import { typeDefs } from './schema.mjs';

const { UPSTREAM = '', CONNECTIONS = '64', PORT = '0' } = process.env;
const pool = new Pool(UPSTREAM, { connections: Number(CONNECTIONS), pipelining: 1 });

async function get(path) {
  const { statusCode, body } = await pool.request({ path, method: 'GET' });
  if (statusCode !== 200) throw new Error(`status ${statusCode}`);
  return body.json();
}

const server = new ApolloServer({
  typeDefs,
  resolvers: {
    Query: {
      user: () => get('/users'),
      cart: () => get('/cart'),
      recs: () => get('/recs'),
      products: () => get('/products'),
      notifications: () => get('/notifications'),
    },
  },
  introspection: false,
});
await server.start();

// The handler that the documentation gives for integrations, on plain `node:http`.
createServer((request, response) => {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  const at = request.url.indexOf('?');
  const search = at === -1 ? '' : request.url.slice(at);
  server
    .executeHTTPGraphQLRequest({
      httpGraphQLRequest: { method: request.method, headers, search, body: undefined },
      context: () => Promise.resolve({}),
    })
    .then(
      ({ status = 200, headers: sent, body }) => {
        for (const [name, value] of sent) response.setHeader(name, value);
        response.writeHead(status).end(body.string);
      },
      () => response.writeHead(500).end(),
    );
}).listen(Number(PORT), '127.0.0.1');
