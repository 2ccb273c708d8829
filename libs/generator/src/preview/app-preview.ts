import { compareDocuments, type DocumentChange } from '@frontage/contracts/compare-documents';
import { namedExamples } from '@frontage/contracts/response-examples';
import { isSchemaObject } from '../codegen/schema-objects.js';

/** The committed files of an app at one time. */
export interface AppFiles {
  /** Undefined where the app has none yet. */
  readonly document: unknown;
  /** Of `costs.gen.json`, by screen. */
  readonly costs: unknown;
}

export interface Change<T> {
  readonly before: T;
  readonly after: T;
}

/** A figure of a screen, before and after. */
export type FigureChange = Change<number | undefined>;

/** A response of a screen in a scenario, before and after; undefined where it has none. */
export interface ScenarioChange extends Change<unknown> {
  /** `complete`, `partial` */
  readonly scenario: string;
}

export interface ScreenPreview {
  /** `GET /orders/{id}` */
  readonly endpoint: string;
  readonly state: 'new' | 'gone' | 'changed' | 'same';
  /** By name: `bytes`, `calls`, `criticalPathMs`, `waves`. */
  readonly figures: ReadonlyMap<string, FigureChange>;
  /** The promise to clients. */
  readonly changes: readonly DocumentChange[];
  /** Those that differ. */
  readonly scenarios: readonly ScenarioChange[];
}

const figureNames = ['bytes', 'calls', 'criticalPathMs', 'waves'] as const;

/** Every screen of an app before and after a change, in the order of its document. */
export function previewApp(before: AppFiles, after: AppFiles): readonly ScreenPreview[] {
  const [old, now] = [operationsOf(before.document), operationsOf(after.document)];
  const changes =
    before.document === undefined || after.document === undefined
      ? []
      : compareDocuments(before.document, after.document);
  const [oldExamples, nowExamples] = [before, after].map(({ document }) => namedExamples(document ?? {}));
  return [...new Set([...now.keys(), ...old.keys()])].map((endpoint): ScreenPreview => {
    const [was, is] = [oldExamples?.get(endpoint), nowExamples?.get(endpoint)];
    const scenarios = [...new Set([...(was?.keys() ?? []), ...(is?.keys() ?? [])])]
      .map((scenario) => ({ scenario, before: was?.get(scenario), after: is?.get(scenario) }))
      .filter((one) => JSON.stringify(one.before) !== JSON.stringify(one.after));
    const own = changes.filter((one) => one.endpoint === endpoint);
    const figures = new Map(
      figureNames.map((name) => [
        name,
        { before: figure(before.costs, old.get(endpoint), name), after: figure(after.costs, now.get(endpoint), name) },
      ]),
    );
    // A revision before the first `costs.gen.json` says nothing about costs.
    const isCheap = before.costs === undefined || [...figures.values()].every((one) => one.before === one.after);
    const isSame = scenarios.length === 0 && own.length === 0 && isCheap;
    const state = !old.has(endpoint) ? 'new' : !now.has(endpoint) ? 'gone' : isSame ? 'same' : 'changed';
    return { endpoint, state, figures, changes: own, scenarios };
  });
}

/** The plans of the operations of a document, by `GET /orders/{id}`. */
function operationsOf(document: unknown): ReadonlyMap<string, string> {
  const paths = isSchemaObject(document) && isSchemaObject(document['paths']) ? document['paths'] : {};
  return new Map(
    Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(isSchemaObject(item) ? item : {}).map(([method, operation]): readonly [string, string] => [
        `${method.toUpperCase()} ${path}`,
        isSchemaObject(operation) ? String(operation['operationId']) : '',
      ]),
    ),
  );
}

function figure(costs: unknown, screen: string | undefined, name: string): number | undefined {
  const own = isSchemaObject(costs) && screen !== undefined && Object.hasOwn(costs, screen) ? costs[screen] : undefined;
  const value = isSchemaObject(own) ? own[name] : undefined;
  return typeof value === 'number' ? value : undefined;
}
