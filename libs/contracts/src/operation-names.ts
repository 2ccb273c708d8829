import type { Method } from '@frontage/core';

/**
 * Gives every operation one name that is an identifier of JavaScript: what is imported, configured, logged and drawn is the same word.
 * An operationId keeps its spelling where it can; a missing or repeated one gives way to a name made from method and path.
 */
export class OperationNames {
  readonly #taken = new Set<string>();

  /** @param declared the ids of all operations, so that a made-up name never takes a declared one */
  constructor(private readonly declared: ReadonlySet<string>) {}

  claim(operationId: string | undefined, method: Method, path: string): string {
    const wanted = operationId === undefined ? undefined : toIdentifier(operationId);
    if (wanted !== undefined && !this.#taken.has(wanted)) return this.#take(wanted);
    const derived = nameFromPath(method, path);
    let name = derived;
    for (let count = 2; this.#taken.has(name) || this.declared.has(name); count++) name = `${derived}_${count}`;
    return this.#take(name);
  }

  #take(name: string): string {
    this.#taken.add(name);
    return name;
  }
}

/** `get-companies-companyId` becomes `getCompaniesCompanyId`; what is an identifier already stays as it is. */
export function toIdentifier(text: string): string {
  const joined = text
    .normalize('NFC')
    .replaceAll(/[^\p{ID_Continue}$]+(\p{ID_Continue})?/gu, (_, next: string | undefined) => next?.toUpperCase() ?? '')
    .replaceAll(/[\u200c\u200d]/g, '');
  const name =
    /^[A-Z]/.test(joined) && /[^\p{ID_Continue}$]/u.test(text)
      ? joined.charAt(0).toLowerCase() + joined.slice(1)
      : joined;
  if (name === '') return 'operation';
  return /^[\p{ID_Start}_$]/u.test(name) ? name : `_${name}`;
}

/** `GET /orders/{id}/items` becomes `getOrdersByIdItems`. */
function nameFromPath(method: Method, path: string): string {
  const words = path.split('/').flatMap((segment) => segment.split(/(\{[^}]*\})/));
  const parts = words.map((word) => {
    const inner = /^\{(.*)\}$/.exec(word)?.[1];
    const pascal = (inner ?? word)
      .split(/[^A-Za-z0-9]+/)
      .map(capital)
      .join('');
    return inner === undefined ? pascal : `By${pascal}`;
  });
  return `${method.toLowerCase()}${parts.join('')}` || method.toLowerCase();
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
