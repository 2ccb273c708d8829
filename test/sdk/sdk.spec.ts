import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { codeOf, compressedBytes, StrictProject } from './strict-project.js';

// The compiler is a process of its own.
vi.setConfig({ testTimeout: 60_000 });

const apps = ['mobile', 'web', 'partner'] as const;

let project: StrictProject;
beforeAll(async () => {
  project = await StrictProject.make();
  for (const app of apps) await project.frontage('sdk', app, '--out', project.place(''), '--hooks');
});
afterAll(() => project.remove());

describe('the client of each app', () => {
  it.each(apps)('%s: has less than 3 kB with all that it needs, without hooks', async (app) => {
    const bytes = compressedBytes(await project.bundle(`${app}.gen.ts`));
    expect(bytes).toBeLessThan(3000);
    // A bundle without the code would be small, too.
    expect(bytes).toBeGreaterThan(1500);
  });

  it('is the same to the byte in another folder, at another time', async () => {
    const other = await StrictProject.make();
    for (const app of apps) await other.frontage('sdk', app, '--out', other.place(''), '--hooks');
    const names = ['frontage.client.gen.ts', ...apps.flatMap((app) => [`${app}.gen.ts`, `${app}.hooks.gen.ts`])];
    for (const name of names) expect(await other.read(name), name).toBe(await project.read(name));
    await other.remove();
  });

  it('compiles in a strict project, and so do the examples of docs/sdk.md', async () => {
    const [home = ''] = await codeOf('docs/sdk.md', 'ts');
    const [page = ''] = await codeOf('docs/sdk.md', 'tsx');
    await project.write('home.ts', home);
    await project.write('page.tsx', page);
    expect(await project.compile()).toBe('');
  });

  it('asks for each case: code that forgets one does not compile', async () => {
    await project.write(
      'mistakes.ts',
      `import { createMobile, type HomeData } from './mobile.gen.js';
import { useHome } from './mobile.hooks.gen.js';

const mobile = createMobile({ baseUrl: '' });

// @ts-expect-error: the partial response is forgotten
export async function noPartial(): Promise<HomeData | string> {
  const home = await mobile.home();
  switch (home.kind) {
    case 'complete': return home.data;
    case 'problem': return home.problem.title;
    case 'failed': return home.reason;
  }
}
export async function mistakes(): Promise<unknown> {
  const home = await mobile.home();
  // @ts-expect-error: the case is not known yet
  home.data;
  if (home.kind === 'partial') {
    // @ts-expect-error: partial data is not taken for complete data
    home.data;
    // @ts-expect-error: the profile is required, so it is never missing
    home.missing.profile;
    // @ts-expect-error: a part is there unless it is named
    home.missing.banners.status;
  }
  if (home.kind === 'complete') {
    // @ts-expect-error: it is null where the service has none
    home.data.suggested.length;
    // @ts-expect-error: it may be absent, which is not null
    const image: string | null = home.data.banners[0]?.image ?? (home.data.banners[0] as { image?: string }).image;
    return image;
  }
  const added = await mobile.cartAdd({ body: { sku: 'a' } });
  // @ts-expect-error: nothing of it can be missing
  if (added.kind === 'partial') return 0;
  if (added.kind === 'problem') {
    // @ts-expect-error: no problem of this operation
    if (added.problem.code === 'order_unknown') return 1;
    if (added.problem.code === 'not_enough_in_stock') return added.problem.status satisfies 409;
  }
  // @ts-expect-error: the input is missing
  return mobile.order();
}
export function Page(): string {
  const { data } = useHome(mobile);
  if (data === undefined) return '';
  // @ts-expect-error: it may be partial
  return data.data.greeting;
}
`,
    );
    expect(await project.compile()).toBe('');
  });
});
