/** The type without its parameters, in lower case: `application/json`. */
function essence(media: string): string {
  return (media.split(';')[0] ?? media).trim().toLowerCase();
}

/** RFC 6839 section 3.1 counts `+json`. */
export function isJsonMedia(media: string): boolean {
  const type = essence(media);
  return type.endsWith('/json') || type.endsWith('+json');
}

export function isTextMedia(media: string): boolean {
  return essence(media).startsWith('text/');
}

export function isFormMedia(media: string): boolean {
  const type = essence(media);
  return type === 'application/x-www-form-urlencoded' || type.startsWith('multipart/');
}
