import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { parse } from 'yaml';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describedApp } from '../fixtures/described-app.js';
import { Progress } from './progress.js';
import { runProgram } from '../program.js';
import { requestLine } from '../dev/request-line.js';
import { renderStyled } from './styled-text.js';

const clear = '\u001b[2J';
const link = '\u001b]8;;https://evil.example\u0007';
const turned = '\u202e';
const forged = '\n  write   libs/upstreams/forged/openapi.yaml';
/** Characters that a terminal would obey. */
const unsafe = /[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]--[\n\t]]/v;

let root = '';
let out = '';
let errors = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'frontage-terminal-'));
  await put('package.json', '{}');
  await put('libs/upstreams/package.json', '{}');
  await put('apps/tv/package.json', '{}');
  await put('apps/tv/bff.yaml', 'bff: tv\nlisten: { port: 4010 }\n');
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

function frontage(...args: string[]): Promise<number> {
  out = '';
  errors = '';
  return runProgram(args, { cwd: root, write: (text) => (out += text), writeError: (text) => (errors += text) });
}

const hostile = clear + link + turned + '\u009b1m\r' + forged;
const hostileJson = JSON.stringify(hostile).slice(1, -1);
const contract = JSON.stringify({
  openapi: '3.1.0',
  info: { title: `Orders${hostile}`, version: `1${hostile}` },
  servers: [{ url: `https://{host}${hostile}`, variables: { [`host${hostile}`]: {} } }],
  paths: {
    [`/orders/${hostile}`]: {
      get: {
        operationId: `getOrder${hostile}`,
        summary: `*/ process.exit(1) /*${hostile} @ts-ignore //# sourceMappingURL=https://evil.example`,
        description: hostile,
        parameters: [{ name: `q${hostile}`, in: 'query', description: hostile, schema: { type: 'string' } }],
        responses: {
          200: {
            description: hostile,
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Order' } } },
          },
        },
      },
      [`x${hostile}`]: {},
      post: { operationId: `getOrder${hostile}`, responses: { 200: { $ref: `#/components/responses/${hostile}` } } },
    },
  },
  components: {
    schemas: {
      Order: {
        title: hostile,
        description: `*/ process.exit(1) /*${hostile}`,
        type: 'object',
        properties: {
          [`a${hostile}`]: { type: 'string', enum: [`e${hostile}`], description: `**/${hostile}` },
          b: { type: 'string', pattern: `${turned}+`, format: hostile, default: hostile, example: hostile },
          [`*/${turned}`]: { const: `*/${hostile}` },
        },
      },
    },
  },
});

describe('text of a contract', () => {
  it.each([
    ['upstream', 'add', 'orders', 'orders.json', '--validators', '--verbose'],
    ['upstream', 'add', 'orders', 'orders.json', '--only', `/none${hostile}`],
  ])('is shown by `frontage %s %s` and not obeyed by the terminal', async (...args) => {
    await put('orders.json', contract);
    await frontage(...args);
    expect(out + errors).not.toBe('');
    expect(out + errors).not.toMatch(unsafe);
  });

  it('cannot add lines to a report', async () => {
    await put('orders.json', contract);
    expect(await frontage('upstream', 'add', 'orders', 'orders.json', '--verbose')).toBe(0);
    const wrote = out.split('\n').filter((line) => line.startsWith('  write   '));
    expect(wrote).toHaveLength(4);
    expect(wrote.join('\n')).not.toContain('forged');
    await put('orders.json', contract.replace('"enum"', '"x-enum"'));
    expect(await frontage('upstream', 'update')).toBe(0);
    expect(out).not.toMatch(unsafe);
    expect(out.split('\n').filter((line) => line.startsWith('  write   libs/upstreams/forged'))).toEqual([]);
  });

  it('neither ends a comment of a generated file nor hides in one', async () => {
    await put('orders.json', contract);
    await frontage('upstream', 'add', 'orders', 'orders.json', '--validators');
    const stored = await readFile(join(root, 'libs/upstreams/orders/openapi.yaml'), 'utf8');
    expect(stored).not.toMatch(unsafe);
    expect(parse(stored)).toEqual(JSON.parse(contract));
    for (const file of ['orders.gen.ts', 'schemas.gen.ts', 'validators.gen.ts']) {
      const text = await readFile(join(root, 'libs/upstreams/orders', file), 'utf8');
      expect(text).not.toMatch(unsafe);
      expect(text.replaceAll(/\/\*[^]*?\*\//g, '').replaceAll(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g, '')).not.toMatch(
        /process\.exit|sourceMappingURL|@ts-ignore/,
      );
      expect(text).not.toMatch(/[^\w]@ts-ignore|# ?sourceMappingURL/);
    }
  });

  it.each([
    ['no YAML', `a: [${clear}`],
    ['no contract', `openapi: "9${hostile.replaceAll('\n', '\\n')}"`],
    ['a version it does not know', JSON.stringify({ openapi: `9${hostile}` })],
  ])('is shown where it is %s', async (_, text) => {
    await put('orders.yaml', text);
    expect(await frontage('upstream', 'add', 'orders', 'orders.yaml')).toBe(1);
    expect(errors).toMatch(/^[^\n]*orders\.yaml:\d+:\d+: [^\n]*\n$/);
    expect(errors).not.toMatch(unsafe);
  });

  it('is shown where it is the name of a file or an argument', async () => {
    await put(`or\u001b[31m${turned}ders.yaml`, 'openapi: 9');
    expect(await frontage('upstream', 'add', 'orders', `or\u001b[31m${turned}ders.yaml`)).toBe(1);
    expect(errors).toBe('or\\u001b[31m\\u202eders.yaml:1:1: OpenAPI 9 is not known; known are 2.0, 3.0, 3.1 and 3.2\n');
    await frontage('upstream', 'add', 'orders', `none${clear}`);
    expect(errors).not.toMatch(unsafe);
    await frontage(`none${clear}`);
    expect(out + errors).not.toMatch(unsafe);
    await frontage('plan', `none${clear}`);
    expect(errors).not.toMatch(unsafe);
  });
});

describe('text of an app', () => {
  it.each(['plan', 'accept'])('is shown by `frontage %s` where the app writes it to its errors', async (command) => {
    await put('apps/tv/dist/main.js', `process.stderr.write(${JSON.stringify(clear + link)}); process.exit(1);`);
    expect(await frontage(command, 'tv')).toBe(1);
    expect(errors).toContain('\\u001b[2J');
    expect(errors).not.toMatch(unsafe);
  });

  it.each(['', '--json', 'GET /home', 'GET /home --json', 'GET /home --mermaid'])(
    'is shown by `frontage plan tv %s` where it is a name, a path or a reason',
    async (words) => {
      const args = words.split(' ').filter(Boolean);
      const spoilt = JSON.stringify(describedApp)
        .replaceAll(/"(handler|source|upstream|operation|because|when|name)":"/g, (member) => member + hostileJson)
        .replaceAll(/"(rateClass)":"/g, (member) => member + hostileJson);
      await put('apps/tv/dist/main.js', `console.log(${JSON.stringify(spoilt)});`);
      expect(await frontage('plan', 'tv', ...args)).toBe(0);
      expect(out).toContain('\\u001b[2J');
      expect(out).not.toMatch(unsafe);
      expect(out).not.toMatch(/^ {2}write /m);
      if (args.includes('--json')) expect(JSON.stringify(JSON.parse(out))).toContain(hostileJson);
    },
  );

  it('is shown in a line of its log, one line each', () => {
    const record = { method: 'GET', route: `/a${hostile}`, status: 200, durationMs: 1, code: hostile };
    for (const line of [JSON.stringify(record), JSON.stringify({ message: hostile }), `plain${clear}`]) {
      for (const hasColours of [false, true]) {
        const shown = stripVTControlCharacters(renderStyled(requestLine('tv', line), hasColours));
        expect(shown).toContain(line.startsWith('plain') ? 'plain\\u001b[2J' : '\\u001b');
        expect(shown).not.toMatch(unsafe);
        expect(shown.split('\n')).toHaveLength(2);
      }
    }
  });
});

it('a line of progress escapes what it shows', () => {
  let shown = '';
  const progress = new Progress({ isTTY: true, write: (text) => (shown += text) }, 'orders');
  progress.stage(`reading https://evil.example/${clear}`);
  expect(shown).toBe('\r\u001b[2Korders: reading https://evil.example/\\u001b[2J ...');
});

it('the error of a bug is printed in the same way', async () => {
  const write = (): never => {
    throw new TypeError(clear + link);
  };
  let told = '';
  const code = await runProgram(['upstream', 'list'], { cwd: root, write, writeError: (text) => (told += text) });
  expect(code).toBe(1);
  expect(told).toContain('TypeError: \\u001b[2J');
  expect(told).not.toMatch(unsafe);
});

it('nothing but main.ts writes to the terminal', () => {
  const source = fileURLToPath(new URL('..', import.meta.url));
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /(?<!spec)\.ts$/.test(file),
  );
  const writers = files.filter((file) =>
    /process\.std(?:out|err)|\bconsole\./.test(readFileSync(join(source, file), 'utf8')),
  );
  expect(writers).toEqual(['main.ts']);
});
