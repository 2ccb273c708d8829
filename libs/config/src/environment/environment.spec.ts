import { describe, expect, it } from 'vitest';
import type { ConfigIssue } from '../document/config.errors.js';
import { readVariable, type Environment } from './environment.js';
import { least, mistakesOf, policyFiles } from '../fixtures/policy-files.js';
import { loadConfig } from '../load-config.js';

const port = 'bff: mobile\nlisten: { port: "${MOBILE_PORT}" }\n';
const withDefault = 'bff: mobile\nlisten: { port: "${MOBILE_PORT:-4001}" }\n';

function read(text: string, env: Environment): { port?: number; warnings: string[]; mistakes: string[] } {
  const warnings: string[] = [];
  const warn = ({ line, column, message }: ConfigIssue): void => void warnings.push(`${line}:${column}  ${message}`);
  const file = policyFiles({ 'bff.yaml': text });
  let found: number | undefined;
  let mistakes: string[] = [];
  try {
    found = loadConfig(file, { env, warn }).listen.port;
  } catch {
    mistakes = mistakesOf(() => loadConfig(file, { env }));
  }
  return { ...(found !== undefined && { port: found }), warnings, mistakes };
}

describe('characters that shells and orchestrators leave around a value', () => {
  it.each([
    ['4100\n', 'ends with a line break'],
    ['4100\r\n', 'ends with a line break'],
    ['4100\r', 'ends with a line break'],
    ['4100 ', 'ends with a blank'],
    ['\t4100', 'begins with a blank'],
    ['\ufeff4100', 'begins with a byte order mark'],
    ['4100\u200b', 'ends with a character that cannot be seen'],
    ['4100\u0000', 'ends with a character that cannot be seen'],
    ['4100\u00a0', 'ends with a character that cannot be seen'],
    ['"4100"', 'stands in quotes'],
    ["'4100'", 'stands in quotes'],
    ['“4100”', 'stands in quotes'],
  ])('%j is a port, with a warning', (value, said) => {
    const { port: found, warnings } = read(port, { MOBILE_PORT: value });
    expect(found).toBe(4100);
    expect(warnings).toEqual([expect.stringMatching(new RegExp(`^2:17  variable MOBILE_PORT ${said}, which`))]);
  });

  it('are removed from a variable in the middle of a value too, with one warning per position', () => {
    const text = `${least}upstreams: { orders: { urls: ["http://\${HOST}:8080/api"] } }\n`;
    const { warnings, mistakes } = read(text, { HOST: 'orders.test\n' });
    expect(mistakes).toEqual([]);
    expect(warnings).toHaveLength(1);
  });

  it('refuse a value that holds them within, without showing it', () => {
    const { mistakes } = read(`${least}admin: { token: "\${TOKEN}" }\n`, { TOKEN: 'one\ntwo' });
    expect(mistakes).toEqual([
      'bff.yaml:3:17  variable TOKEN has a line break or a control character within its value; write it in one line',
    ]);
  });
});

describe('an empty variable', () => {
  it.each(['', ' ', '\n', '""', "''", '\ufeff'])('such as %j counts as not set, and says so', (value) => {
    expect(read(port, { MOBILE_PORT: value }).mistakes).toEqual([
      expect.stringMatching(
        /^bff\.yaml:2:17 {2}variable MOBILE_PORT is not set \(it .+, which counts as not set\); set it, or write a default/,
      ),
    ]);
    const { port: found, warnings } = read(withDefault, { MOBILE_PORT: value });
    expect(found).toBe(4001);
    expect(warnings).toEqual([
      expect.stringMatching(/^2:17 {2}variable MOBILE_PORT is not used: it .+; the default is taken$/),
    ]);
  });
});

describe('a service link of Kubernetes', () => {
  const links = { MOBILE_PORT: 'tcp://10.0.0.1:80', MOBILE_SERVICE_HOST: '10.0.0.1', MOBILE_SERVICE_PORT: '80' };

  it('is ignored with a warning where there is a default', () => {
    const { port: found, warnings } = read(withDefault, links);
    expect(found).toBe(4001);
    expect(warnings).toEqual([
      '2:17  variable MOBILE_PORT is not used: holds the service link that Kubernetes sets for the service "mobile", not a value for this key; the default is taken',
    ]);
  });

  it.each(['tcp://10.0.0.1:80', 'udp://10.0.0.1:53', 'TCP://10.0.0.1:80\n', 'tcp://[fd00::1]:80'])(
    'such as %j is named as one where there is none',
    (value) => {
      const { mistakes } = read(port, { MOBILE_PORT: value });
      expect(mistakes).toEqual([expect.stringMatching(/service link .* service "mobile".*enableServiceLinks: false/)]);
      expect(mistakes.join('')).not.toContain('10.0.0.1');
    },
  );

  it('is recognised for every name that Kubernetes makes, and for no other', () => {
    expect(readVariable({ MY_SHOP_PORT_80_TCP: 'tcp://10.0.0.1:80' }, 'MY_SHOP_PORT_80_TCP').unsetBecause).toContain(
      '"my-shop"',
    );
    expect(readVariable({ DATABASE: 'tcp://10.0.0.1:80' }, 'DATABASE').value).toBe('tcp://10.0.0.1:80');
    expect(readVariable({ A_PORT: '8080' }, 'A_PORT')).toEqual({ value: '8080', warnings: [] });
  });
});

describe('names in another case', () => {
  it('are named where the name itself is not set', () => {
    expect(read(port, { mobile_port: '4100' }).mistakes).toEqual([
      'bff.yaml:2:17  variable MOBILE_PORT is not set (only mobile_port is, and upper and lower case are told apart); set it, or write a default: ${MOBILE_PORT:-...}',
    ]);
  });

  it('are a warning where their values differ', () => {
    const { port: found, warnings } = read(port, { MOBILE_PORT: '4100', mobile_port: '4200' });
    expect(found).toBe(4100);
    expect(warnings).toEqual([
      '2:17  the variables MOBILE_PORT and mobile_port are both set, to different values; MOBILE_PORT is read',
    ]);
    expect(read(port, { MOBILE_PORT: '4100', mobile_port: '4100' }).warnings).toEqual([]);
  });
});

it('the name of the environment is cleaned as well', () => {
  const file = policyFiles({ 'bff.yaml': least });
  const warnings: ConfigIssue[] = [];
  const warn = (warning: ConfigIssue): void => void warnings.push(warning);
  expect(loadConfig(file, { env: { NODE_ENV: 'production\r\n' }, warn }).environment).toBe('production');
  expect(loadConfig(file, { env: { FRONTAGE_ENV: '', NODE_ENV: 'staging' }, warn }).environment).toBe('staging');
  expect(warnings).toMatchObject([{ message: 'variable NODE_ENV ends with a line break, which is left out' }]);
});

it('a proxy of the environment is not used, with a warning unless policy names a proxy', () => {
  const env = { MOBILE_PORT: '4100', https_proxy: 'http://gate:s3cret@proxy.test' };
  const { warnings } = read(port, env);
  expect(warnings).toEqual([
    expect.stringMatching(
      /^1:1 {2}variable https_proxy is set and not used: .*write proxy: "\$\{https_proxy\}", or proxy: off$/,
    ),
  ]);
  expect(read(`${port}proxy: off\n`, env).warnings).toEqual([]);
});
