import { readFile } from 'node:fs/promises';
import { responseExamplesOf } from '@frontage/contracts/response-examples';
import { readContract } from '@frontage/contracts';
import { sampled } from '../endpoint/planner/sampled-contract.js';
import { documentedEndpoints } from '../examples/documented-endpoints.js';
import { ExampleWorld } from '../examples/example-world.js';
import { UpstreamValues } from '../examples/upstream-values.js';
import { sdkFiles } from '../sdk/sdk-files.js';
import type { AppFolder } from '../workspace/workspace.js';
import type { MockedScreen, MockNote } from './mocked-screen.js';
import { mocksRuntime, mocksSource, mswSource } from './mocks-source.js';
import { RunningStates, ScreenStates } from './screen-states.js';

export interface MocksFiles {
  /** Text by name; those of the client are among them. */
  readonly files: ReadonlyMap<string, string>;
  /** The name of the interface of the client: `Mobile`. */
  readonly client: string;
  readonly screens: readonly MockedScreen[];
  readonly notes: readonly MockNote[];
}

export interface MocksOptions {
  readonly root: string;
  readonly app: AppFolder;
  /** The file with the document of the BFF. */
  readonly document: string;
  readonly importEnd: string;
  readonly hasMsw: boolean;
  readonly env: NodeJS.ProcessEnv;
}

/** Starts the sandbox and the app, and asks for every state of every screen. @throws Error where one of them does not start */
export async function mocksFiles(options: MocksOptions): Promise<MocksFiles> {
  const { app, document, importEnd, hasMsw } = options;
  const bff = app.name;
  const sdk = await sdkFiles({ document, bff, hasHooks: false, importEnd });
  const { screens, notes } = await statesOf(options, (method, path) => sdk.named.get(`${method} ${path}`)?.name);
  const names = { bff, client: sdk.client, importEnd };
  const typesOf = (name: string) => {
    const found = [...sdk.named.values()].find((one) => one.name === name);
    return { data: found?.data ?? 'unknown', missing: found?.missing };
  };
  return {
    files: new Map([
      ...sdk.files,
      mocksRuntime(),
      [`${bff}.mocks.gen.ts`, mocksSource(names, screens, typesOf)],
      ...(hasMsw ? [[`${bff}.msw.gen.ts`, mswSource(names)] as const] : []),
    ]),
    client: sdk.client,
    screens,
    notes,
  };
}

async function statesOf(
  { root, app: folder, document, env }: MocksOptions,
  nameOf: (method: string, path: string) => string | undefined,
): Promise<Pick<MocksFiles, 'screens' | 'notes'>> {
  const text = await readFile(document, 'utf8');
  const contract = sampled(await readContract(document, { text, lint: false }));
  const world = await ExampleWorld.start(root, folder, env);
  try {
    const app = await world.startApp();
    const values = new UpstreamValues((upstream) => world.contractFolder(upstream));
    const examples = responseExamplesOf(JSON.parse(text));
    const setting = { running: new RunningStates(world, app), contract, values, examples };
    const documented = documentedEndpoints(app.description, contract).toSorted(byChange);
    const screens: MockedScreen[] = [];
    const notes: MockNote[] = [];
    for (const one of documented) {
      const name = nameOf(one.operation.method, one.operation.path);
      if (name === undefined) continue;
      const states = new ScreenStates(setting, one);
      screens.push(await states.collect(name));
      notes.push(...states.notes);
    }
    return { screens: screens.toSorted((a, b) => (a.name < b.name ? -1 : 1)), notes };
  } finally {
    await world.stop();
  }
}

interface Ordered {
  readonly operation: { readonly method: string; readonly path: string };
}

/** Reads first: a write changes what they show. */
function byChange({ operation: one }: Ordered, { operation: other }: Ordered): number {
  const [isRead, isOtherRead] = [one.method === 'GET', other.method === 'GET'];
  if (isRead !== isOtherRead) return isRead ? -1 : 1;
  return `${one.path} ${one.method}` < `${other.path} ${other.method}` ? -1 : 1;
}
