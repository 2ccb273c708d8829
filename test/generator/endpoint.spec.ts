import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WorkspaceCopy, workspaceRoot } from './workspace-copy.js';

const minute = 60_000;
let workspace: WorkspaceCopy;

/** A workspace with one app and the contracts of all services. */
async function makeWorkspace(): Promise<void> {
  workspace = await WorkspaceCopy.bare(['mobile']);
  for (const path of ['libs/upstreams', 'apps/mobile'])
    await cp(join(workspaceRoot, path), join(workspace.root, path), {
      recursive: true,
      filter: (file) => !/\/(?:dist|node_modules)(?:\/|$)/.test(file.slice(workspaceRoot.length)),
    });
}
const removeWorkspace = (): Promise<void> => workspace.remove();

const add = (...args: string[]) => workspace.frontage('endpoint', ...args);
const screenOf = (name: string) => workspace.read(`apps/mobile/src/${name}/${name}.screen.ts`);

describe('frontage endpoint', { timeout: minute }, () => {
  beforeEach(makeWorkspace);
  afterEach(removeWorkspace);

  it('writes controller, screen and test, adds them to the app, and says what to type next', async () => {
    const before = await workspace.everything();
    const { code, out, errors } = await add('mobile/profile', '--calls', 'users.getUser,orders.listOrders');
    expect([code, errors]).toEqual([0, '']);
    expect(out).toBe(`Made GET /profile/:id, the screen profile of mobile:

  write   apps/mobile/src/profile/profile.controller.ts
  write   apps/mobile/src/profile/profile.screen.ts
  write   apps/mobile/src/profile/profile.spec.ts
  change  apps/mobile/src/mobile.module.ts
  change  apps/mobile/test/mobile.e2e-spec.ts
  change  apps/mobile/.frontage/record.gen.json

Next:

  npm run dev -- mobile        the sandbox and mobile, rebuilt on save
  npm test -- apps/mobile -u   its tests, and the table of its routes (routes.gen.md)
  npx frontage accept mobile   the promise to its clients (openapi.gen.json)

While it runs:

  curl -s -H "authorization: Bearer $(npx frontage token --user ada --scope profile:read --audience mobile-bff)" 'http://127.0.0.1:4001/profile/ada'
`);
    const after = await workspace.everything();
    const changed = Object.keys(after).filter((path) => after[path] !== before[path]);
    expect(changed).toEqual([...out.matchAll(/^ {2}(?:write|change) +(\S+)$/gm)].map(([, path]) => path).toSorted());
    // The id of the user is a parameter of the route; the orders are those of that user.
    const screen = await screenOf('profile');
    expect(screen).toContain('required(users.getUser, { path: { id: path.id } })');
    expect(screen).toContain('required(orders.listOrders, { query: { customerId: user.id } })');
    expect(await workspace.read('apps/mobile/src/mobile.module.ts')).toContain('OrderController, ProfileController]');
  });

  it('changes nothing the second time', async () => {
    const args = ['mobile/profile', '--calls', 'users.getUser', '--optional', 'content.listBanners'];
    await add(...args);
    const before = await workspace.everything();
    const { code, out } = await add(...args);
    expect([code, out]).toEqual([
      0,
      'GET /profile/:id, the screen profile of mobile: nothing has changed, 3 files are current\n',
    ]);
    expect(await workspace.everything()).toEqual(before);
  });

  it('replaces nothing that was written by hand', async () => {
    await add('mobile/profile', '--calls', 'users.getUser');
    await workspace.write('apps/mobile/src/profile/profile.screen.ts', '// mine\n');
    const before = await workspace.everything();
    const { code, errors } = await add('mobile/profile', '--calls', 'users.getUser');
    expect(code).toBe(2);
    expect(errors).toContain('apps/mobile/src/profile/profile.screen.ts exists already, with other content');
    expect(await workspace.everything()).toEqual(before);
  });

  it('writes nothing in a dry run, and says the same as JSON', async () => {
    const before = await workspace.everything();
    const { code, out } = await add('mobile/place', '--calls', 'orders.createOrder', '--dry-run', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      command: 'endpoint',
      dryRun: true,
      files: [
        { change: 'write' },
        { change: 'write' },
        { change: 'write' },
        { change: 'change' },
        { change: 'change' },
        { change: 'change', path: 'apps/mobile/.frontage/record.gen.json' },
      ],
      endpoint: {
        method: 'POST',
        path: '/place',
        scope: 'place:write',
        calls: [{ part: 'order', operation: 'orders.createOrder', verb: 'write' }],
        open: [],
      },
    });
    expect(await workspace.everything()).toEqual(before);
  });

  it('works from any folder of the workspace', async () => {
    const folder = join(workspace.root, 'apps/mobile/src/home');
    const { code } = await workspace.frontageIn(folder, 'endpoint', 'mobile/profile', '--calls', 'users.getUser');
    expect(code).toBe(0);
    expect(await screenOf('profile')).toContain('users.getUser');
  });

  it('adds the address of an upstream that the app did not call, and keeps the rest of its policy', async () => {
    await mkdir(join(workspace.root, 'apps/mobile'), { recursive: true });
    const policy = await workspace.read('apps/mobile/bff.yaml');
    const without = policy.replace(/^ {2}reviews: .*\n/m, '');
    expect(without).not.toBe(policy);
    await workspace.write('apps/mobile/bff.yaml', without);
    await add('mobile/opinions', '--calls', 'reviews.listReviews');
    const line = "  reviews: { urls: ['${REVIEWS_URL}'] }\n";
    const after = await workspace.read('apps/mobile/bff.yaml');
    expect(after).toContain(line);
    expect(after.replace(line, '')).toBe(without);
  });
});

describe('the arguments of its calls', { timeout: minute }, () => {
  beforeEach(makeWorkspace);
  afterEach(removeWorkspace);

  it('come from earlier calls, and from the request', async () => {
    await add(
      'mobile/article',
      '--calls',
      'catalogue.getProduct,reviews.listReviews,inventory.listStock',
      '--optional',
      'recommendations.listRelatedProducts',
    );
    const screen = await screenOf('article');
    expect(screen).toContain('required(reviews.listReviews, { path: { productId: product.id } })');
    expect(screen).toContain('query: inputOf(inventory.listStock).query }');
    expect(screen).toContain('optional(recommendations.listRelatedProducts, { path: { productId: product.id } })');
    expect(screen).toContain('relatedProducts: orNull(');
  });

  it('of a write are the body of the request, and its headers', async () => {
    await add('mobile/place', '--calls', 'orders.createOrder');
    const screen = await screenOf('place');
    expect(screen).toContain("header: { 'Idempotency-Key': header['Idempotency-Key'] }, body }");
    expect(await workspace.read('apps/mobile/src/place/place.controller.ts')).toContain('@Post()');
  });

  it('are those of the caller where the request need not say whose data it wants', async () => {
    await add('mobile/mine', '--calls', 'orders.listOrders');
    expect(await screenOf('mine')).toContain('customerId: caller.subject');
  });

  it('are left to the developer, with a comment, where a given path does not bring them', async () => {
    const { code, out } = await add('mobile/parcel', '--calls', 'shipping.getParcel', '--path', '/my-parcel');
    expect(code).toBe(0);
    expect(out).toMatch(
      /Write by hand:\n\n {2}apps\/mobile\/src\/parcel\/parcel\.screen\.ts:\d+: id: string is required/,
    );
    expect(out).toContain('npx frontage build mobile');
    expect(await screenOf('parcel')).toMatch(/path: \{\n +\/\/ id: string is required: write where it comes from/);
  });
});

describe('a request of a screen', { timeout: minute }, () => {
  beforeAll(async () => {
    await makeWorkspace();
    await workspace.write('package.json', '{}\n');
    const response = { '200': { description: 'ok', content: { 'application/json': { schema: { type: 'string' } } } } };
    const path = (name: string, style: object, schema: object) => ({
      name,
      in: 'path',
      required: true,
      ...style,
      schema,
    });
    const size = {
      type: 'object',
      required: ['width'],
      properties: { width: { type: 'integer', minimum: 7, maximum: 7 } },
    };
    const codes = { type: 'array', minItems: 2, maxItems: 2, items: { type: 'integer', minimum: 3, maximum: 3 } };
    const document = {
      openapi: '3.1.0',
      info: { title: 'Parts', version: '1' },
      components: {
        parameters: { Shade: { ...path('shade', { style: 'label' }, { type: 'string' }), example: 'red' } },
      },
      paths: {
        '/parts/{codes}/{size}/{shade}': {
          get: {
            operationId: 'findParts',
            parameters: [
              path('codes', { style: 'matrix', explode: true }, codes),
              path('size', { explode: true }, size),
              { $ref: '#/components/parameters/Shade' },
              {
                name: 'box',
                in: 'query',
                required: true,
                style: 'deepObject',
                schema: { ...size, required: ['codes'], properties: { codes } },
              },
            ],
            responses: response,
          },
        },
        '/drawings': {
          post: {
            operationId: 'sendDrawing',
            requestBody: {
              required: true,
              content: {
                'multipart/form-data': {
                  schema: {
                    type: 'object',
                    required: ['title', 'size', 'drawing', 'photos'],
                    properties: {
                      title: { type: 'string', enum: ["Peter's"] },
                      size,
                      drawing: { type: 'string', format: 'binary' },
                      photos: { type: 'array', items: { type: 'string', format: 'binary' } },
                    },
                  },
                  encoding: {
                    drawing: { contentType: 'application/pdf, image/*' },
                    photos: { contentType: 'image/*' },
                  },
                },
              },
            },
            responses: response,
          },
        },
      },
    };
    await workspace.write('parts.json', JSON.stringify(document));
    expect(await workspace.frontage('upstream', 'add', 'parts', 'parts.json')).toMatchObject({ code: 0 });
  });
  afterAll(removeWorkspace);

  it('has lists and objects in its path in the style of the contract', async () => {
    const { code, out } = await add('mobile/parts', '--calls', 'parts.findParts');
    expect([code, out]).toEqual([
      0,
      expect.stringContaining("/parts/;codes=3;codes=3/width=7/.red?box%5Bcodes%5D%5B0%5D=3&box%5Bcodes%5D%5B1%5D=3'"),
    ]);
    expect(await screenOf('parts')).toContain('path: inputOf(parts.findParts).path');
  });

  it('is a form where a write takes files', async () => {
    const { code, out } = await add('mobile/drawing', '--calls', 'parts.sendDrawing');
    expect(code).toBe(0);
    expect(out).not.toContain('Write by hand');
    expect(out).toContain(`printf 'a file' | curl -s -H "authorization`);
    expect(out).toContain(
      ` --form-string 'title=Peter'\\''s' --form-string 'size={"width":7}' -F 'drawing=@-;filename=drawing.pdf;type=application/pdf' -F 'photos=@photos.png;type=image/png' `,
    );
    const screen = await screenOf('drawing');
    expect(screen).toContain('body: inputOf(parts.sendDrawing)');
    expect(screen).toContain('write(parts.sendDrawing, { body }, { timeoutMs: 55_000 })');
    expect(screen).toContain('deadlineMs: 60_000');
    const test = await workspace.read('apps/mobile/test/mobile.e2e-spec.ts');
    expect(test).toContain(`drawing: new File(['a file'], 'drawing.pdf', { type: 'application/pdf' })`);
  });
});

describe('a wrong call of frontage endpoint', { timeout: minute }, () => {
  // None of them writes anything, so that one workspace serves all.
  beforeAll(makeWorkspace);
  afterAll(removeWorkspace);

  const read = ['--calls', 'users.getUser'];
  it.each([
    [['mobile'], 'missing: --calls (such as --calls users.getUser,orders.listOrders)'],
    [read, 'missing: the endpoint (<app>/<screen>, such as tv/profile)'],
    [['mobile', ...read], '"mobile" names no endpoint: write <app>/<screen>, such as tv/profile'],
    [['mobil/profile', ...read], 'there is no app mobil; did you mean mobile?'],
    [['mobile/Profile', ...read], '"Profile" cannot name an endpoint'],
    [['mobile/con', ...read], 'an endpoint cannot be called "con"'],
    [['mobile/a', '--calls', 'users'], '"users" names no operation: write <upstream>.<operation>'],
    [['mobile/a', '--calls', 'user.getUser'], 'there is no upstream user; did you mean users?'],
    [['mobile/a', '--calls', 'users.getUsr'], 'users has no operation getUsr; did you mean users.getUser?'],
    [['mobile/a', '--calls', 'users.getuser'], 'did you mean users.getUser?'],
    [['mobile/a', '--calls', 'users.x'], 'users has no operation x: it has getUser, listAddresses, listPaymentMethods'],
    [['mobile/home', ...read], 'exist already, with other content: choose another name for the screen'],
    [
      ['mobile/a', ...read, '--path', '/orders/:number'],
      'GET /orders/:number is taken by GET /orders/:id (apps/mobile/src/order/order.controller.ts:',
    ],
    [['mobile/a', ...read, '--path', 'a'], '"a" is no path of an endpoint'],
    [['mobile/a', ...read, '--path', '/a/:id/:id'], 'is no path of an endpoint'],
    [['mobile/a', ...read, '--method', 'FETCH'], '"FETCH" is no method of an endpoint'],
    [
      ['mobile/a', '--calls', 'orders.createOrder', '--method', 'GET'],
      'GET changes nothing, and orders.createOrder does',
    ],
    [
      ['mobile/a', '--optional', 'orders.createOrder'],
      'orders.createOrder changes something (POST), so it is no part that may be missing',
    ],
    [['mobile/a', ...read, '--scope', 'a b'], '"a b" is no scope'],
  ])('%j is explained, and nothing is written', async (args, message) => {
    const before = await workspace.everything();
    const { code, errors } = await add(...args);
    expect(errors).toContain(message);
    expect(code).toBe(2);
    expect(await workspace.everything()).toEqual(before);
  });
});
