import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ConfigError, renderConfigError, type ConfigIssue } from './config.errors.js';
import { policyFiles } from '../fixtures/policy-files.js';
import { loadConfig } from '../load-config.js';

const root = join(import.meta.dirname, '../../../..');
const issue: ConfigIssue = { file: join(root, 'apps/mobile/bff.yaml'), line: 7, column: 3, message: 'wrong' };

describe('an error of bff.yaml', () => {
  it('reads like this', () => {
    const file = policyFiles({
      'apps/mobile/bff.yaml': [
        'bff: mobile',
        'extends: ../../policy/base.yaml',
        'listen: { port: "${PORT}" }',
        'limits: { maxBody: 8MiB }',
        'upstreams:',
        '  orders:',
        '    urls: [ "${ORDERS_URL}" ]',
        '    timout: 400ms',
        '    retry: { attempts: 2, budget: 10 }',
        'plans:',
        '  mobile.home: { deadline: 600 }',
        '',
      ].join('\n'),
      'policy/base.yaml': 'locked: [limits.maxBody]\nlimits: { maxBody: 1MiB }\n',
    });
    const folder = file.slice(0, -'apps/mobile/bff.yaml'.length);
    try {
      loadConfig(file, { env: { PORT: 'http' } });
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      expect(error.issues).toHaveLength(6);
      expect(`\n${error.message.replaceAll(/\S*\/policy-[^/]+\//g, '')}\n`).toBe(transcript);
      expect(error.issues[0]?.file.startsWith(folder)).toBe(true);
    }
  });

  it('names a file by its path from the workspace, in any working directory, and a file outside of it by its full path', () => {
    const folder = process.cwd();
    onTestFinished(() => process.chdir(folder));
    for (const here of [folder, join(folder, 'libs/config/src'), '/']) {
      process.chdir(here);
      expect(renderConfigError([issue])).toBe('the configuration has a mistake:\n\napps/mobile/bff.yaml:7:3  wrong');
      const elsewhere = renderConfigError([{ ...issue, file: '/else/where/in/bff.yaml' }]);
      expect(elsewhere).toContain('\n/else/where/in/bff.yaml:7:3');
    }
  });

  it('keeps tabs before the caret', () => {
    expect(renderConfigError([{ ...issue, source: '\t\tx: 1', width: 1 }])).toMatch(
      /\n {2}7 \| \t\tx: 1\n {4}\| \t\t\^$/,
    );
  });

  it('cuts a long line around the marked characters', () => {
    const source = `${'a'.repeat(150)}wrong${'b'.repeat(150)}`;
    const [, , , line = '', caret = ''] = renderConfigError([{ ...issue, source, column: 151, width: 5 }]).split('\n');
    expect(line).toMatch(/^ {2}7 \| \.\.\.a+wrongb+\.\.\.$/);
    expect(line.slice(caret.indexOf('^'), caret.lastIndexOf('^') + 1)).toBe('wrong');
    expect(line.length).toBeLessThan(120);
  });
});

const transcript = `
the configuration has 6 mistakes:

apps/mobile/bff.yaml:3:17  expected a whole number from 0 to 65535, found a value that is not shown (from \${PORT})
  3 | listen: { port: "\${PORT}" }
    |                 ^^^^^^^^^

apps/mobile/bff.yaml:4:11  "limits.maxBody" cannot be changed here: policy/base.yaml:1:10 locks it
  4 | limits: { maxBody: 8MiB }
    |           ^^^^^^^

apps/mobile/bff.yaml:7:13  variable ORDERS_URL is not set; set it, or write a default: \${ORDERS_URL:-...}
  7 |     urls: [ "\${ORDERS_URL}" ]
    |             ^^^^^^^^^^^^^^^

apps/mobile/bff.yaml:8:5  unknown key "timout"; did you mean "timeout"?
  8 |     timout: 400ms
    |     ^^^^^^

apps/mobile/bff.yaml:9:35  expected a share such as 10% or 0.1, found 10
  9 |     retry: { attempts: 2, budget: 10 }
    |                                   ^^

apps/mobile/bff.yaml:11:28  expected a duration such as 250ms, 5s or 1m, found 600
  11 |   mobile.home: { deadline: 600 }
     |                            ^^^
`;
