/** Most names that are kept: each contract of an app brings some at start. */
const maxNames = 10_000;

const names = new Set<string>();

/** `postalCode`, `postal_code` and `Postal-Code` are one name. */
export const flatName = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/**
 * Names of members that a contract classifies: in texts for logs and traces their values are taken out as those of secrets are. They hold
 * for the whole process, from then on.
 * @throws {RangeError} for more than 10,000 names
 */
export function classifyNames(classified: Iterable<string>): void {
  for (const name of classified) {
    if (names.size >= maxNames) throw new RangeError(`more than ${maxNames} names of members are classified`);
    const flat = flatName(name);
    if (flat !== '') names.add(flat);
  }
}

/** @param flat of {@link flatName} */
export const isClassified = (flat: string): boolean => names.has(flat);
