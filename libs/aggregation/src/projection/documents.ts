import { mayBeMissing, type PartNode } from '../model/nodes.js';
import type { AnyPlan } from '../plan/plan.js';
import type { Part } from '../model/references.js';
import type { Ingredients, MaybeDocument } from './assemble.js';
import { ProjectedDocument } from '../run/projected-document.js';

/** The documents of one run; undefined where one of them was parsed after all: declined by the transcoder, or a value that stands in. */
export type GatherDocuments = (values: readonly unknown[]) => Pick<Ingredients, 'documents' | 'items'> | undefined;

const fellBackToParsing = Symbol('parsed');
type Found = MaybeDocument | typeof fellBackToParsing;

/** @param recipes by position of the part; undefined for those of which nothing is copied */
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

/** @param unsure is the value a `Part`? */
function documentOf(unsure: boolean): (value: unknown) => Found {
  if (!unsure) return (value) => (value instanceof ProjectedDocument ? value : fellBackToParsing);
  return (value) => {
    // What `mayBeMissing` says of a node is what its value is.
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
