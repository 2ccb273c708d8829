/**
 * True if a path is one of a template's: `/orders/:id`, `/files/*rest`. Only for saying which methods a path has; what handles a request
 * is decided by the router alone.
 */
export function pathMatcher(template: string): (path: string) => boolean {
  const wanted = template.split('/');
  const rest = wanted.findIndex((segment) => segment.includes('*'));
  return (path) => {
    const found = path.split('/');
    if (rest === -1 ? found.length !== wanted.length : found.length <= rest) return false;
    return wanted
      .slice(0, rest === -1 ? undefined : rest)
      .every((segment, index) => (segment.startsWith(':') ? found[index] !== '' : segment === found[index]));
  };
}
