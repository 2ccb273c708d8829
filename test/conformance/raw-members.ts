import type { RawNode } from './raw-document.js';
import { isParent, saysNothing, typesOf, type RawSchemas } from './raw-schemas.js';

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
 * Every member of every value that a schema describes, by path. A schema that comes back at another path is not entered again: its
 * members have been compared at the first one.
 */
export function declaredMembers(schema: RawNode, schemas: RawSchemas): DeclaredMembers {
  const members = new Map<string, DeclaredMember>();
  let choices = 1;
  const entered = new Set<unknown>();
  const enteredAsPart = new Set<unknown>();

  function walk(node: RawNode, steps: readonly Step[], isPart: boolean): void {
    const read = schemas.read(node);
    if (read === undefined) return;
    const member = memberAt(steps);
    for (const type of typesOf(read.value)) member.types.add(type);
    if (!isPart && saysNothing(read.value)) member.isOpen = true;
    const seen = isPart ? enteredAsPart : entered;
    if (seen.has(read.value)) return;
    seen.add(read.value);
    for (const [name, property] of read.properties) {
      if (schemas.isWriteOnly(property)) continue;
      memberAt([...steps, `.${name}`]);
      walk(property, [...steps, `.${name}`], false);
    }
    for (const item of read.items) walk(item, [...steps, '[]'], false);
    for (const other of read.others) walk(other, [...steps, '{}'], false);
    for (const part of read.parts) walk(part, steps, true);
    choices = Math.max(choices, read.choices.length + (isPart ? 0 : read.kinds.length));
    // A kind names its parent as a part, which does not bring the other kinds back.
    if (isPart && isParent(read.value)) return;
    for (const choice of read.choices) walk(choice, steps, false);
    if (!isPart) for (const kind of read.kinds) walk(kind, steps, false);
  }

  function memberAt(steps: readonly Step[]): DeclaredMember {
    const path = steps.join('');
    const known = members.get(path) ?? { steps, types: new Set<string>(), isOpen: false };
    members.set(path, known);
    return known;
  }

  walk(schema, [], false);
  return { members: [...members.values()], choices };
}
