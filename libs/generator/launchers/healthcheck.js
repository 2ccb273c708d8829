// Ends with code 0 where the app is alive, and with code 1 where it is not: node healthcheck.js
import { readFileSync } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';

const pack = JSON.parse(readFileSync(new URL('frontage-pack.json', import.meta.url), 'utf8'));
const port = Number(process.env[pack.port.variable]) || pack.port.port;

/** @param refused called with the error where there is no response */
function ask({ get }, refused) {
  // The certificate is for the name of the app, and this is the machine itself.
  const options = { host: '127.0.0.1', port, path: '/livez', timeout: 4_000, rejectUnauthorized: false };
  const request = get(options, ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1));
  request.on('timeout', () => request.destroy());
  request.on('error', refused);
}

ask(http, ({ code }) => {
  if (code === 'ECONNREFUSED') process.exit(1);
  // With `listen.tls` the port speaks TLS alone. One that asks for a client certificate is alive too.
  ask(https, (error) => process.exit(error.code === 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' ? 0 : 1));
});
