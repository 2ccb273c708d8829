const maxLength = 60;

/** A value of a contract for a message, as JSON, cut where it is long. */
export function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length <= maxLength ? text : `${text.slice(0, maxLength)}...`;
}
