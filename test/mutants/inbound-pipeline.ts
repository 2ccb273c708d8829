/** One change to the order of the inbound pipeline, or to what stands in it, that a test has to notice. */
export interface Mutant {
  readonly name: string;
  /** The reason why no test can notice it. */
  readonly equivalent?: string;
  readonly apply: (source: string) => string;
}

/** The two lists of `libs/gateway/src/inbound/pipeline.ts`, in the order in which they run. */
const lists = /export const (?:arrival|admittance): readonly InboundStage\[\] = \[\n([\s\S]*?)\n\];/g;
const entry = /^ {2}(\w+Stage),/gm;

/** The names of all stages, in order. @throws where the file does not look as it is read here */
export function stagesOf(source: string): readonly string[] {
  const names = [...source.matchAll(lists)].flatMap(([, list = '']) =>
    [...list.matchAll(entry)].map(([, name = '']) => name),
  );
  if (names.length < 2) throw new Error('the lists of stages were not found in pipeline.ts');
  return names;
}

/** Writes other names into the places of the stages. */
function withStages(source: string, names: readonly string[]): string {
  let at = 0;
  return source.replace(lists, (list: string) => list.replace(entry, () => `  ${names[at++] ?? ''},`));
}

const equivalents: Readonly<Record<string, string>> = {
  'traceStage after corsStage': 'neither refuses anything, and neither reads what the other writes',
  'signalsStage after shedStage': 'both refuse before anything is spent, and neither reads what the other writes',
  'callerLimitStage after deadlineStage': 'both count from the arrival, and neither reads what the other writes',
};

/** Each stage that does nothing, and each two neighbours that stand in the other order. */
export function mutantsOf(source: string): readonly Mutant[] {
  const names = stagesOf(source);
  const removed = names.map((name) => ({
    name: `${name} does nothing`,
    apply: (text: string): string =>
      `${withStages(
        text,
        names.map((one) => (one === name ? 'noStage' : one)),
      )}\nfunction noStage(): undefined {\n  return undefined;\n}\n`,
  }));
  const swapped = names.slice(1).map((second, index) => {
    const first = names[index] ?? '';
    const name = `${first} after ${second}`;
    const order = names.with(index, second).with(index + 1, first);
    return {
      name,
      ...(equivalents[name] !== undefined && { equivalent: equivalents[name] }),
      apply: (text: string): string => withStages(text, order),
    };
  });
  return [...removed, ...swapped];
}
