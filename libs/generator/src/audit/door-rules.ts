import type { AppDescription } from '../plan/app-description.js';
import type { Finding, Level, RuleName } from './finding.js';

const loopbackOrigin = /^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;
const loopbackHosts = new Set(['127.0.0.1', '::1', 'localhost']);

const finding = (rule: RuleName, level: Level, path: readonly string[], message: string, fix: string): Finding => ({
  rule,
  level,
  place: { kind: 'policy', path },
  message,
  fix,
});

/** The findings of the door of an app: origins, proxies, connections, headers. */
export function* doorFindings({ policy }: AppDescription): Generator<Finding> {
  const { cors, listen = {}, limits, securityHeaders = {} } = policy;
  for (const origin of cors?.origins ?? []) {
    if (origin.includes('*') && cors?.credentials === true)
      yield finding(
        'wide-cors',
        'warning',
        ['cors', 'origins'],
        `every page below ${origin} may send the cookies of a user and read the response`,
        'name the origins, or write credentials: false',
      );
    if (origin.startsWith('http:') && !loopbackOrigin.test(origin))
      yield finding(
        'wide-cors',
        'warning',
        ['cors', 'origins'],
        `${origin} is without TLS, so whoever is between can put a script into its page`,
        `write ${origin.replace('http:', 'https:')}`,
      );
  }
  const { behindCdn, trustedProxies = 0, host = '0.0.0.0' } = listen;
  if (behindCdn !== undefined && behindCdn.originSecret === undefined)
    yield finding(
      'no-origin-secret',
      'warning',
      ['listen', 'behindCdn'],
      'listen.behindCdn has no originSecret',
      'add originSecret: { header: x-origin-secret, file: ... }, and have the CDN send it',
    );
  if (typeof trustedProxies === 'number' && trustedProxies > 0 && !loopbackHosts.has(host))
    yield finding(
      'proxies-by-number',
      'note',
      ['listen', 'trustedProxies'],
      `listen.trustedProxies is ${trustedProxies}, whoever connects`,
      'write the addresses of the proxies as a list, where others can connect',
    );
  if (limits !== undefined && limits.maxConnections === undefined)
    yield finding(
      'no-connection-limit',
      'note',
      ['limits'],
      'limits.maxConnections is not set',
      'add limits: { maxConnections: 10000 }',
    );
  for (const [key, value] of Object.entries(securityHeaders))
    if (value === 'off' && key !== 'strictTransportSecurity')
      yield finding(
        'security-header-off',
        'note',
        ['securityHeaders', key],
        `securityHeaders.${key} is off`,
        'remove it, or write the least that your pages need',
      );
}
