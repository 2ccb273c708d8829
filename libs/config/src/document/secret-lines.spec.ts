import { describe, expect, it } from 'vitest';
import { ConfigError } from './config.errors.js';
import { least, load } from '../fixtures/policy-files.js';
import { mayHoldSecret } from './secret-lines.js';

const secret = 'hunter2-very-secret';

function reportOf(text: string, env: Record<string, string> = {}): string {
  try {
    load(text, { env });
  } catch (error) {
    if (error instanceof ConfigError) return error.message + JSON.stringify(error.issues);
    throw error;
  }
  return 'taken';
}

const upstream = (text: string): string => `${least}upstreams:\n  orders:\n    urls: [http://orders.test]\n${text}`;

describe('a report of mistakes', () => {
  it.each([
    ['an unknown key with a secret', `${least}password: ${secret}\n`],
    ['an unknown key beside a secret', upstream(`    credentials: { value: ${secret}, headr: x }\n`)],
    ['a secret for a security scheme', upstream(`    security: { kye: { value: ${secret}, fiel: x } }\n`)],
    [
      'a secret for a security scheme on lines of its own',
      upstream(`    security:\n      key:\n        value: [${secret}]\n`),
    ],
    ['a secret that is a list', upstream(`    credentials: { value: [${secret}] }\n`)],
    ['a secret on a line of its own that cannot be parsed', upstream(`    credentials:\n      value: "${secret}\n`)],
    ['a secret that begins with an asterisk', `${least}admin: { token: *${secret} }\n`],
    ['a secret that begins with an at sign', `${least}admin: { token: @${secret} }\n`],
    ['a secret that begins with an exclamation mark', `${least}admin: { token: !${secret} }\n`],
    ['a secret that begins with an ampersand', `${least}admin: { token: &${secret} }\n`],
    ['a secret that begins with a percent sign', `${least}admin: { token: %${secret} }\n`],
    ['a secret of several lines', upstream(`    credentials:\n      value: |\n        ${secret}\n        ${secret}\n`)],
    ['the same secret twice', `${least}admin: { token: ${secret}, token: ${secret} }\n`],
    ['a secret with a tab before it', `${least}admin:\n\ttoken: ${secret}\n`],
    [
      'a password in the address of an upstream',
      `${least}upstreams: { orders: { urls: ["http://u:${secret}@a.test"] } }\n`,
    ],
    ['an address of Redis that cannot be parsed', `${least}redis: { url: "redis://:${secret}@a.test:x" }\n`],
    ['an address of Redis in place of its block', `${least}redis: redis://:${secret}@a.test\n`],
    ['a proxy that cannot be parsed', `${least}proxy: "http://gate:${secret}@proxy.test:99999"\n`],
    ['a proxy that is not one', `${least}proxy: "socks5://gate:${secret}@proxy.test"\n`],
    [
      'a header of the collector',
      `${least}tracing: { otlp: { url: "ftp://x", headers: { x-key: ${secret}, "a b": 1 } } }\n`,
    ],
    ['a default of a variable', `${least}admin: { token: "\${TOKEN:-${secret}}", x: 1 }\n`],
  ])('does not show %s', (_, text) => {
    const report = reportOf(text);
    expect(report).not.toContain(secret);
    expect(report).toMatch(/bff\.yaml:\d+:\d+ {2}\S/);
  });

  it.each([
    ['a duration', 'deadline: "${X}"\n'],
    ['a part of a value', 'deadline: "${X}s"\n'],
    ['a choice', 'log: { level: "${X}" }\n'],
    ['an address', 'upstreams: { orders: { urls: ["${X}"] } }\n'],
    ['a block', 'redis: "${X}"\n'],
    ['a list', 'upstreams: { orders: { urls: "${X}" } }\n'],
    ['a truth value', 'metrics: { enabled: "${X}" }\n'],
    ['a header name', 'upstreams: { orders: { urls: [http://a.test], forwardHeaders: ["${X} "] } }\n'],
    ['the address of a name server', 'dns: { servers: ["${X}"] }\n'],
  ])('hides the value of a variable that is given for %s, and names the variable', (_, text) => {
    const report = reportOf(least + text, { X: `://${secret}` });
    expect(report).not.toContain(secret);
    expect(report).toContain('${X}');
  });
});

describe('a line', () => {
  it.each([
    'urls: [ "${ORDERS_URL}" ]',
    '    timout: 400ms',
    'credentials: { value: "Bearer ${ORDERS_TOKEN}" }',
    'redis: { url: "${REDIS_URL}" }',
    'admin:',
    '# password: none',
  ])('is shown: %s', (line) => {
    expect(mayHoldSecret([line], 0)).toBe(false);
  });
});
