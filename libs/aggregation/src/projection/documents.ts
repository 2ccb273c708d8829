import type { PartNode } from '../model/nodes.js';
import { mayBeMissing } from '../model/absence.js';
import type { AnyPlan } from '../plan/plan.js';
import type { Part } from '../model/references.js';
import type { Ingredients, MaybeDocument } from './assemble.js';
import { ProjectedDocument } from '../run/projected-document.js';

/** The documents of one run; undefined where one of them fell back to parsing, or where a fallback value replaces one. */
export type GatherDocuments = (values: readonly unknown[]) => Pick<Ingredients, 'documents' | 'items'> | undefined;

const fellBackToParsing = Symbol('parsed');
type Found = MaybeDocument | typeof fellBackToParsing;

/** @param specs by index of the part; undefined where nothing of the part is projected */
export function compileDocuments({ parts }: AnyPlan, specs: readonly unknown[]): GatherDocuments {
  const single = parts.flatMap(({ node }, position) =>
    specs[position] === undefined || node.kind === 'each' ? [] : [{ position, read: documentOf(mayBeMissing(node)) }],
  );
  const lists = parts.flatMap(({ node }, position) =>
    specs[position] === undefined || node.kind !== 'each' ? [] : [{ position, read: listOf(node) }],
  );
  const none: readonly undefined[] = parts.map(() => undefined);
  return (values) => {
    const documents: MaybeDocument[] = none.slice();
    for (const { position, read } of single) {
      const found = read(values[position]);
      if (found === fellBackToParsing) return undefined;
      documents[position] = found;
    }
    if (lists.length === 0) return { documents, items: none };
    const items: (readonly MaybeDocument[] | undefined)[] = none.slice();
    for (const { position, read } of lists) {
      const found = read(values[position]);
      if (found === fellBackToParsing) return undefined;
      items[position] = found;
    }
    return { documents, items };
  };
}

/** @param unsure whether the value is a `Part` */
function documentOf(unsure: boolean): (value: unknown) => Found {
  if (!unsure) return (value) => (value instanceof ProjectedDocument ? value : fellBackToParsing);
  return (value) => {
    // `mayBeMissing` tells whether the value of a node is a `Part`.
    const part = value as Part<unknown>;
    if (!part.ok) return undefined;
    return part.value instanceof ProjectedDocument ? part.value : fellBackToParsing;
  };
}

function listOf(
  node: Extract<PartNode, { kind: 'each' }>,
): (value: unknown) => readonly MaybeDocument[] | undefined | typeof fellBackToParsing {
  const unsure = mayBeMissing(node);
  const read = documentOf(mayBeMissing(node.call));
  return (value) => {
    let list = value;
    if (unsure) {
      const part = value as Part<unknown>;
      if (!part.ok) return undefined;
      list = part.value;
    }
    if (!Array.isArray(list)) return fellBackToParsing;
    const items: MaybeDocument[] = [];
    for (const item of list) {
      const found = read(item);
      if (found === fellBackToParsing) return fellBackToParsing;
      items.push(found);
    }
    return items;
  };
}
