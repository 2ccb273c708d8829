import type { RawNode } from './raw-document.js';
import { isParentOf, saysNothing, typesOf, type RawSchemas } from './raw-schemas.js';

/** A step into a value: `.name`, `[]` for an item of a list, `{}` for a member without a name of its own. */
export type Step = string;

/** A member that a document declares. */
export interface DeclaredMember {
  readonly steps: readonly Step[];
  /** JSON types that its schemas name; empty where they name none. */
  readonly types: Set<string>;
  /** One of its schemas allows anything. */
  isOpen: boolean;
}

export interface DeclaredMembers {
  readonly members: readonly DeclaredMember[];
  /** The length of the longest list of choices. */
  readonly choices: number;
}

export const pathOf = (steps: readonly Step[]): string => steps.join('') || 'the value';

/**
 * Every member of every value that a schema describes, by path, outer ones first. A schema that comes back at another path is not entered
 * again: its members are compared at the first one.
 */
export function declaredMembers(schema: RawNode, schemas: RawSchemas): DeclaredMembers {
  const members = new Map<string, DeclaredMember>();
  let choices = 1;
  const entered = new Set<unknown>();
  const enteredAsPart = new Set<unknown>();
  const open: Visit[] = [{ node: schema, steps: [], owners: [] }];
  // The list grows while it is read.
  for (const visit of open) open.push(...visited(visit));
  return { members: [...members.values()], choices };

  function visited({ node, steps, owners }: Visit): readonly Visit[] {
    const isPart = owners.length > 0;
    const read = schemas.read(node);
    if (read === undefined) return [];
    const member = memberAt(steps);
    for (const type of typesOf(read.value)) member.types.add(type);
    if (!isPart && saysNothing(read.value)) member.isOpen = true;
    const seen = isPart ? enteredAsPart : entered;
    if (seen.has(read.value)) return [];
    seen.add(read.value);
    const inner = (nodes: readonly RawNode[], step: Step): Visit[] =>
      nodes.map((one) => ({ node: one, steps: [...steps, step], owners: [] }));
    const named = read.properties.filter(([, property]) => !schemas.isWriteOnly(property));
    for (const [name] of named) memberAt([...steps, `.${name}`]);
    choices = Math.max(choices, read.choices.length + (isPart ? 0 : read.kinds.length));
    const alternatives = isPart
      ? isParentOf(owners, read, schemas)
        ? []
        : read.choices
      : [...read.choices, ...read.kinds];
    return [
      ...named.flatMap(([name, property]) => inner([property], `.${name}`)),
      ...inner(read.items, '[]'),
      ...inner(read.others, '{}'),
      ...read.parts.map((part) => ({ node: part, steps, owners: [...owners, read.value] })),
      ...alternatives.map((one) => ({ node: one, steps, owners: [] })),
    ];
  }

  function memberAt(steps: readonly Step[]): DeclaredMember {
    const path = steps.join('');
    const known = members.get(path) ?? { steps, types: new Set<string>(), isOpen: false };
    members.set(path, known);
    return known;
  }
}

/** A schema of the value at a path. */
interface Visit {
  readonly node: RawNode;
  readonly steps: readonly Step[];
  /** The schemas that it is a part of, by `allOf`: it is not the whole of the value. */
  readonly owners: readonly unknown[];
}
