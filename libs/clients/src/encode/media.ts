/** The type of a media type without its parameters, in lower case: `application/json`. */
export function essenceOf(media: string): string {
  const end = media.indexOf(';');
  return (end === -1 ? media : media.slice(0, end)).trim().toLowerCase();
}

/** True if a declared media type, a range as `image/*` among them, covers a concrete one. */
export function coversMedia(declared: string, media: string): boolean {
  const range = essenceOf(declared);
  const essence = essenceOf(media);
  if (range === essence || range === '*/*') return true;
  const [before = '', suffix] = range.split('*+');
  if (suffix !== undefined) return essence.startsWith(before) && essence.endsWith(`+${suffix}`);
  return range.endsWith('/*') && essence.startsWith(range.slice(0, -1));
}

export function isRange(media: string): boolean {
  return essenceOf(media).endsWith('/*');
}
