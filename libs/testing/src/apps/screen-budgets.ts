import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { PlanDescription } from '@frontage/aggregation';
import { budgetExcess, type BffConfig, type BudgetExcess, type ScreenCost } from '@frontage/config';
import { exampleSize, responseExamplesOf, type ExampleSize } from '@frontage/contracts/response-examples';
import type { AppDescription } from '@frontage/gateway';
import { expect } from 'vitest';

type Endpoint = AppDescription['endpoints'][number];
type Screen = Pick<PlanDescription, 'name' | 'parts' | 'waves' | 'mostCalls' | 'criticalPath'>;

/**
 * Compares the costs of the screens of an app with `budgets:` of its policy, and with the committed `costs.gen.json` beside the document, which
 * shows a reviewer what a change costs (`-u` writes it).
 * @param document the `openapi.gen.json` in the folder of the app: its examples are the bodies that are measured
 * @throws {Error} that names each figure above its budget, and the members or calls that it is made of
 */
export async function expectWithinBudgets({ endpoints, policy }: AppDescription, document: URL): Promise<void> {
  const path = fileURLToPath(document);
  const sizes = sizesIn(await readFile(path, 'utf8'));
  const { budgets } = policy as Pick<BffConfig, 'budgets'>;
  const costs = new Map<string, ScreenCost>();
  const faults: { readonly endpoint: Endpoint; readonly screen: Screen; readonly excess: readonly BudgetExcess[] }[] =
    [];
  for (const endpoint of endpoints) {
    // The gateway says no more about its types than that they are JSON.
    const screen = endpoint.screen as Screen | undefined;
    if (screen === undefined) continue;
    const cost = costOf(screen, sizes.get(nameOf(endpoint)));
    costs.set(screen.name, cost);
    const excess = budgetExcess(budgets, cost);
    if (excess.length > 0) faults.push({ endpoint, screen, excess });
  }
  if (faults.length > 0) {
    const before = sizesIn(await committed(path));
    const lines = faults.flatMap(({ endpoint, screen, excess }) => [
      `${screen.name} is above its budget:`,
      ...excess.map((one) => `  ${excessText(one, screen, sizes.get(nameOf(endpoint)), before.get(nameOf(endpoint)))}`),
    ]);
    const app = basename(dirname(path));
    throw new Error(
      [...lines, `Make it cheaper, or raise the budget in apps/${app}/bff.yaml: docs/budgets.md`].join('\n'),
    );
  }
  const text = Object.fromEntries(
    [...costs].map(([name, { bytes, calls, criticalPathMs, waves }]) => [
      name,
      { bytes, calls, criticalPathMs, waves },
    ]),
  );
  await expect(`${JSON.stringify(text, null, 2)}\n`).toMatchFileSnapshot(
    fileURLToPath(new URL('costs.gen.json', document)),
  );
}

/** `GET /orders/{id}`, as documents have it. */
const nameOf = ({ method, path }: Endpoint): string => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`;

const sizesIn = (document: string): ReadonlyMap<string, ExampleSize> =>
  new Map(
    [...responseExamplesOf(document === '' ? {} : JSON.parse(document))].map(([name, value]) => [
      name,
      exampleSize(value),
    ]),
  );

const costOf = ({ name, mostCalls, waves, criticalPath }: Screen, size: ExampleSize | undefined): ScreenCost => ({
  screen: name,
  bytes: size?.bytes,
  calls: mostCalls,
  criticalPathMs: criticalPath.worstCaseMs,
  waves: waves.length,
});

/** The file as the last commit has it; empty where there is no repository, or it is not committed yet. */
async function committed(path: string): Promise<string> {
  const { stdout } = await promisify(execFile)('git', ['show', `HEAD:./${basename(path)}`], {
    cwd: dirname(path),
    maxBuffer: 64 * 1024 * 1024,
  }).catch(() => ({ stdout: '' }));
  return stdout;
}

function excessText(
  { figure, value, budget }: BudgetExcess,
  { parts, waves, criticalPath }: Screen,
  size: ExampleSize | undefined,
  before: ExampleSize | undefined,
): string {
  switch (figure) {
    case 'bytes':
      return `bytes: ${value}, at most ${budget}: ${membersText(size, before)}`;
    case 'calls': {
      const calls = Object.entries(parts).flatMap(([name, part]) =>
        part.kind === 'step' ? [] : [part.maxCount === undefined ? name : `${name} (for up to ${part.maxCount})`],
      );
      return `calls: ${value}, at most ${budget}: ${calls.join(', ')}`;
    }
    case 'criticalPathMs':
      return `criticalPath: ${value} ms, at most ${budget} ms: ${criticalPath.calls.join(', then ')}`;
    case 'waves':
      return `waves: ${value}, at most ${budget}: ${waves.map((wave) => wave.join(' and ')).join(', then ')}`;
  }
}

/** The members that grew since the last commit come first, then the largest. */
function membersText(size: ExampleSize | undefined, before: ExampleSize | undefined): string {
  const known = new Map(before?.members.map(({ member, bytes }) => [member, bytes]));
  const members = (size?.members ?? []).map(({ member, bytes }) => ({
    member,
    bytes,
    growth: before === undefined ? 0 : bytes - (known.get(member) ?? 0),
  }));
  return members
    .toSorted((one, other) => Math.max(other.growth, 0) - Math.max(one.growth, 0) || other.bytes - one.bytes)
    .map(({ member, bytes, growth }) => `${member} ${bytes}${growth > 0 ? ` (+${growth})` : ''}`)
    .join(', ');
}
