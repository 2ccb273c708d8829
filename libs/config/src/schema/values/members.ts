import { z } from 'zod';
import type { Path } from '../../document/tree.js';

type Schema = z.core.$ZodType;

/** The keys of a mapping. */
export interface Keys {
  /** Those that are fixed; none where any name is a key. */
  readonly named: readonly string[];
  /** Any name is a key. */
  readonly isOpen: boolean;
}

/** The schema of the value at a path below `root`; `*` matches any name. */
export function memberAt(root: Schema, path: Path): Schema | undefined {
  let member: Schema | undefined = root;
  for (const step of path) member = member === undefined ? undefined : below(blockOf(member), step);
  return member;
}

/** The keys of the mapping at a path; `undefined` where the path leads nowhere. */
export function keysAt(root: Schema, path: Path): Keys | undefined {
  const member = memberAt(root, path);
  if (member === undefined) return undefined;
  const block = blockOf(member);
  return {
    named: block instanceof z.ZodObject ? Object.keys(block.shape) : [],
    isOpen: block instanceof z.ZodRecord,
  };
}

function below(block: Schema, step: string | number): Schema | undefined {
  if (block instanceof z.ZodObject) {
    const shape: Readonly<Record<string, Schema>> = block.shape;
    return Object.hasOwn(shape, step) ? shape[step] : undefined;
  }
  if (block instanceof z.ZodRecord) return block.valueType;
  return block instanceof z.ZodArray ? block.element : undefined;
}

/** The block itself, where it can be absent, or switched off too. */
function blockOf(member: Schema): Schema {
  if (member instanceof z.ZodOptional || member instanceof z.ZodDefault || member instanceof z.ZodPrefault)
    return blockOf(member.unwrap());
  if (member instanceof z.ZodPipe) return blockOf(member.in);
  if (!(member instanceof z.ZodUnion)) return member;
  const branches: readonly Schema[] = member.options;
  return (
    branches.map(blockOf).find((branch) => branch instanceof z.ZodObject || branch instanceof z.ZodRecord) ?? member
  );
}
