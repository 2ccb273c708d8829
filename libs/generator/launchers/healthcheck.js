// Ends with code 0 where the app is alive, and with code 1 where it is not: node healthcheck.js
import { readFileSync } from 'node:fs';
import { get } from 'node:http';

const pack = JSON.parse(readFileSync(new URL('frontage-pack.json', import.meta.url), 'utf8'));
const port = Number(process.env[pack.port.variable]) || pack.port.port;
const request = get({ host: '127.0.0.1', port, path: '/livez', timeout: 4_000 }, ({ statusCode }) =>
  process.exit(statusCode === 200 ? 0 : 1),
);
request.on('timeout', () => request.destroy());
request.on('error', () => process.exit(1));
