/** The type without its parameters, in lower case: `application/json`. */
function essence(media: string): string {
  return (media.split(';')[0] ?? media).trim().toLowerCase();
}

/** RFC 6839 section 3.1 counts `+json`; a range (`*`+`/*`) is answered with JSON by whoever answers us. */
export function isJsonMedia(media: string): boolean {
  const type = essence(media);
  return type.endsWith('/json') || type.endsWith('+json') || type === '*/*' || type === 'application/*';
}

export function isTextMedia(media: string): boolean {
  const type = essence(media);
  return type.startsWith('text/') || type.endsWith('/xml') || type.endsWith('+xml') || type === 'application/yaml';
}

export function isFormMedia(media: string): boolean {
  const type = essence(media);
  return type === 'application/x-www-form-urlencoded' || type.startsWith('multipart/');
}
