import { createServer, type Server } from 'node:http';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Progress } from '../terminal/progress.js';
import { runProgram } from '../program.js';

const order = (members: string): string =>
  `{ type: object, required: [id], properties: { id: { type: string }, ${members} } }`;
const contract = (operations: string, schema = order('total: { type: integer }')): string => `openapi: 3.1.0
info: { title: Orders, version: 1.0.0 }
paths:
${operations}
components:
  schemas:
    Order: ${schema}
`;
const response = `responses: { '200': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Order' } } } } }`;
const path = (name: string, method: string, id: string, rest = ''): string =>
  `  ${name}: { ${method}: { operationId: ${id}, ${rest} ${response} } }`;

let root = '';
let out = '';
let errors = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'frontage-'));
  await put('package.json', '{}');
  await put('libs/upstreams/package.json', '{}');
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

async function put(name: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, name)), { recursive: true });
  await writeFile(join(root, name), text);
}

function frontage(...args: string[]): Promise<number> {
  out = '';
  errors = '';
  return runProgram(args, { cwd: root, write: (text) => (out += text), writeError: (text) => (errors += text) });
}

const text = (name: string): Promise<string> => readFile(join(root, name), 'utf8');

describe('frontage upstream add from a URL', () => {
  let server: Server;
  let origin = '';
  let served = '';
  let asked: string[] = [];
  beforeEach(async () => {
    asked = [];
    served = contract(path('/orders', 'get', 'listOrders'));
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      if (request.url === '/moved') response.writeHead(302, { location: '/orders.yaml' }).end();
      else if (request.url === '/away') response.writeHead(302, { location: 'http://elsewhere.example.test/' }).end();
      else if (request.url === '/loop') response.writeHead(302, { location: '/loop' }).end();
      else if (request.url === '/gone') response.writeHead(404).end();
      else response.end(served);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  });
  afterEach(() => {
    server.close();
  });

  it('stores the fetched contract with its source', async () => {
    expect(await frontage('upstream', 'add', 'orders', `${origin}/orders.yaml`)).toBe(0);
    expect(await text('libs/upstreams/orders/openapi.yaml')).toBe(served);
    expect(JSON.parse(await text('libs/upstreams/orders/source.gen.json'))).toMatchObject({
      source: `${origin}/orders.yaml`,
    });
    await frontage('upstream', 'list');
    expect(out).toContain(`from ${origin}/orders.yaml`);
  });

  it('stores JSON as YAML, and generates the same files from it', async () => {
    served = JSON.stringify({ openapi: '3.0.0', info: { title: 'J', version: '1' }, paths: { '/a': { get: {} } } });
    expect(await frontage('upstream', 'add', 'orders', `${origin}/openapi`)).toBe(0);
    expect(await text('libs/upstreams/orders/openapi.yaml')).toMatch(/^openapi: 3\.0\.0\n/);
    expect(await frontage('upstream', 'update', '--check')).toBe(0);
  });

  it('follows a limited number of redirects, on the same host only', async () => {
    expect(await frontage('upstream', 'add', 'orders', `${origin}/moved`)).toBe(0);
    expect(await frontage('upstream', 'add', 'orders', `${origin}/away`)).toBe(1);
    expect(errors).toContain('redirects to http://elsewhere.example.test;');
    expect(await frontage('upstream', 'add', 'orders', `${origin}/loop`)).toBe(1);
    expect(errors).toContain('redirects more than 5 times');
    expect(await frontage('upstream', 'add', 'orders', `${origin}/gone`)).toBe(1);
    expect(errors).toContain('responded with 404');
  });

  it('fetches nothing else: neither its references, nor a file of this machine', async () => {
    served = contract(
      `  /a: { get: { parameters: [ { $ref: 'parts.yaml#/A' } ] } }\n  /b: { get: { parameters: [ { $ref: 'file:///etc/hostname' } ] } }\n${path('/c', 'get', 'c')}`,
    );
    expect(await frontage('upstream', 'add', 'orders', `${origin}/orders.yaml`)).toBe(0);
    expect(asked).toEqual(['/orders.yaml']);
    expect(out).toContain('3 operations = 1 generated + 2 refused');
    expect(out).toContain('pass --allow-remote');
    expect(out).toContain('which a contract from another host may not refer to');
  });

  it('is fetched again by update, which reports the changes', async () => {
    served = contract(
      [
        path('/orders', 'get', 'listOrders', 'parameters: [ { name: limit, in: query, schema: { type: integer } } ],'),
        path('/orders/{id}', 'get', 'readOrder'),
        path('/old', 'get', 'oldOne'),
      ].join('\n'),
      order('total: { type: integer }, state: { type: string, enum: [open, paid] }, note: { type: string }'),
    );
    await frontage('upstream', 'add', 'orders', `${origin}/orders.yaml`);
    served = contract(
      [
        path(
          '/orders',
          'get',
          'listOrders',
          'parameters: [ { name: limit, in: query, required: true, schema: { type: integer } }, { name: tenant, in: header, required: true, schema: { type: string } } ],',
        ),
        path('/orders/{id}', 'get', 'getOrder'),
        path('/new', 'get', 'newOne'),
      ].join('\n'),
      order('total: { type: [number, "null"] }, state: { type: string, enum: [open, lost] }'),
    );
    expect(await frontage('upstream', 'update', 'orders')).toBe(0);
    expect(out.split('\n').filter((line) => /^ {2}(?!warning|(?:write|change|delete) )/.test(line))).toEqual([
      '  oldOne (GET /old) is gone',
      '  readOrder is called getOrder now (GET /orders/{id})',
      '  newOne (GET /new) is new',
      '  listOrders: query parameter limit is required now',
      '  listOrders: header parameter tenant is new and required',
      '  Order.note is gone',
      '  Order.total is number or null now, it was integer',
      '  Order.state is never "paid" now',
      '  Order.state may be "lost" now',
    ]);
    expect(await text('libs/upstreams/orders/openapi.yaml')).toBe(served);
  });

  it('is not fetched over a stored contract that was edited', async () => {
    await frontage('upstream', 'add', 'orders', `${origin}/orders.yaml`);
    const edited = contract(path('/mine', 'get', 'mine'));
    await put('libs/upstreams/orders/openapi.yaml', edited);
    asked = [];
    expect(await frontage('upstream', 'update')).toBe(0);
    expect(out).toContain('the stored contract was edited since it came from');
    expect(out).toContain('mine (GET /mine) is new');
    expect(await text('libs/upstreams/orders/openapi.yaml')).toBe(edited);
    expect(asked).toEqual([]);
  });

  it('is not fetched by --check', async () => {
    await frontage('upstream', 'add', 'orders', `${origin}/orders.yaml`);
    asked = [];
    expect(await frontage('upstream', 'update', '--check')).toBe(0);
    expect(asked).toEqual([]);
  });
});

describe('frontage upstream add --only', () => {
  beforeEach(async () => {
    await put(
      'orders.yaml',
      contract(
        [
          path('/v1/customers', 'get', 'listCustomers'),
          path('/v1/customers/{id}', 'get', 'getCustomer'),
          path('/v1/charges', 'get', 'Charges.list'),
          path('/v1/refunds', 'get', 'Refunds'),
          '  /v1/broken: { get: { parameters: [ { $ref: "#/gone" } ] } }',
        ].join('\n'),
      ),
    );
  });

  it('keeps operations that fit by id or by path, reports the others, and stores the patterns', async () => {
    expect(await frontage('upstream', 'add', 'pay', 'orders.yaml', '--only', 'Charge*,/v1/customers/**')).toBe(0);
    expect(out).toContain('5 operations = 3 generated + 0 refused + 2 left out by --only');
    const generated = await text('libs/upstreams/pay/pay.gen.ts');
    expect(generated.match(/^ {2}id: '.*$/gm)).toEqual([
      "  id: 'listCustomers',",
      "  id: 'getCustomer',",
      "  id: 'chargesList',",
    ]);
    expect(await frontage('upstream', 'update')).toBe(0);
    expect(await text('libs/upstreams/pay/pay.gen.ts')).toBe(generated);
    expect(await frontage('upstream', 'update', '--check')).toBe(0);
    expect(await frontage('upstream', 'add', 'pay', 'orders.yaml')).toBe(0);
    expect(out).toContain('5 operations = 4 generated + 1 refused');
  });

  it('refuses a pattern that fits no operation', async () => {
    expect(await frontage('upstream', 'add', 'pay', 'orders.yaml', '--only', 'Charge*,Custmers*')).toBe(2);
    expect(errors).toBe('error: no operation of the contract fits Custmers*\n');
    expect(await readdir(join(root, 'libs/upstreams'))).toEqual(['package.json']);
  });
});

describe('a version of an upstream', () => {
  it('is an upstream of its own, beside the other', async () => {
    await put('one.yaml', contract(path('/a', 'get', 'a')));
    await put('two.yaml', contract(path('/b', 'get', 'b')));
    await frontage('upstream', 'add', 'orders', 'one.yaml');
    expect(await frontage('upstream', 'add', 'orders@2', 'two.yaml')).toBe(0);
    expect(await readdir(join(root, 'libs/upstreams'))).toEqual(['orders', 'orders@2', 'package.json']);
    expect(await text('libs/upstreams/orders@2/orders@2.gen.ts')).toContain("upstream: 'orders@2'");
    expect(await frontage('upstream', 'remove', 'orders@2')).toBe(0);
    expect(await readdir(join(root, 'libs/upstreams'))).toEqual(['orders', 'package.json']);
    expect(await frontage('upstream', 'add', 'orders@../2', 'two.yaml')).toBe(2);
  });
});

describe('progress', () => {
  it('is shown on a terminal, on one line that is removed afterwards', () => {
    let shown = '';
    const write = (part: string): void => void (shown += part);
    const progress = new Progress({ isTTY: true, write }, 'orders');
    progress.stage('reading');
    progress.end();
    progress.end();
    expect(shown).toBe('\r\u001b[2Korders: reading ...\r\u001b[2K');
    new Progress({ isTTY: false, write }, 'orders').stage('never');
    expect(shown).not.toContain('never');
  });
});
