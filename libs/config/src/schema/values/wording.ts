export function didYouMean(meant: string | undefined): string {
  return meant === undefined ? '' : `; did you mean "${meant}"?`;
}

/** A found value in a message: short, on one line. */
export function shown(found: unknown): string {
  if (found === null || found === undefined) return 'nothing';
  if (Array.isArray(found)) return 'a list';
  if (typeof found === 'number' || typeof found === 'boolean') return String(found);
  if (typeof found !== 'string') return 'keys and values';
  // A password in a URL is a secret at any key.
  const safe = found.replace(/\/\/[^/@\s]*@/, '//***@');
  return JSON.stringify(safe.length > 60 ? `${safe.slice(0, 57)}...` : safe);
}

/** Replaces a value that may be a secret. */
export const hiddenValue = 'a value that is not shown';
