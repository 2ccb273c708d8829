import type { Method } from '@frontage/core';

/**
 * Gives every operation one name that is an identifier of JavaScript. Imports, configuration, logs and drawings use the same name.
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

/** `get-companies-companyId` becomes `getCompaniesCompanyId`; an identifier stays as it is. */
export function toIdentifier(text: string): string {
  const [first = 'operation', ...rest] = identifierWords(text);
  const head = rest.length === 0 ? first : first.charAt(0).toLowerCase() + first.slice(1);
  return joinIdentifier(head, rest);
}

/** `order-line` becomes `orderLine`, `201` becomes `_201`: a first capital stays, as the names of types have one. */
export function toTypeName(text: string): string {
  const [first = 'Schema', ...rest] = identifierWords(text);
  return joinIdentifier(first, rest);
}

function joinIdentifier(first: string, rest: readonly string[]): string {
  const joined = first + rest.map(capital).join('');
  return /^[0-9]/.test(joined) ? `_${joined}` : joined;
}

// Letters that every compiler knows: some compilers take the letters that Unicode added lately, and others refuse them.
const word = /(?:[A-Za-z0-9_$]|[\p{L}&&[\u00c0-\u052f\u3041-\u30ff\u4e00-\u9fbf\uac00-\ud7a3]])+/gv;

function identifierWords(text: string): readonly string[] {
  return text.normalize('NFC').match(word) ?? [];
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
