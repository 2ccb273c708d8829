import { isObject, member, memberText, type JsonObject } from '../document/json.js';
import { ContractError, locationOf, type Location } from '../document/location.js';
import { parseDocument, type ParseLimits } from '../document/parse-document.js';

/** An OpenAPI Overlay, not read yet. */
export interface OverlaySource {
  /** The name that messages show. */
  readonly file: string;
  readonly text: string;
}

/** One change of a document. */
export interface OverlayAction {
  /** JSONPath (RFC 9535) of the nodes that are changed. */
  readonly target: string;
  readonly change:
    | { readonly kind: 'remove' }
    | { readonly kind: 'update'; readonly value: unknown }
    | { readonly kind: 'copy'; readonly from: string };
  readonly location: Location;
  /** The place of `target`. */
  readonly targetLocation: Location;
}

const known: ReadonlySet<string> = new Set(['target', 'description', 'update', 'remove', 'copy']);

/**
 * Reads an OpenAPI Overlay (1.0 or 1.1).
 * @throws {ContractError} with file, line and column, for a text that is none
 */
export function readOverlay({ file, text }: OverlaySource, limits: ParseLimits): readonly OverlayAction[] {
  const { value } = parseDocument(file, text, limits);
  const start: Location = { file, line: 1, column: 1 };
  const written = member(value, 'overlay');
  if (!isObject(value) || (typeof written !== 'string' && typeof written !== 'number'))
    throw new ContractError('this is no overlay: it begins with `overlay: 1.0.0`', start);
  const version = String(written);
  if (!/^1\.[01](\.|$)/.test(version))
    throw new ContractError(`the overlay version ${version} is not known; known are 1.0 and 1.1`, start);
  const actions = member(value, 'actions');
  if (!Array.isArray(actions) || actions.length === 0)
    throw new ContractError('an overlay has a list of `actions`, each with a `target`', locationOf(actions) ?? start);
  return actions.map((action: unknown) => readAction(action, version, locationOf(action) ?? start));
}

function readAction(action: unknown, version: string, location: Location): OverlayAction {
  if (!isObject(action)) throw new ContractError('an action is a mapping with a `target`', location);
  const unknown = Object.keys(action).find((key) => !known.has(key) && !key.startsWith('x-'));
  if (unknown !== undefined)
    throw new ContractError(`an action has no member ${unknown}; it has target, and update, remove or copy`, location);
  const target = memberText(action, 'target');
  if (target === undefined)
    throw new ContractError("an action has a `target`: a JSONPath like $.paths['/orders'].get", location);
  const targetLocation = locationOf(action, 'target') ?? location;
  return { target, change: readChange(action, version, location), location, targetLocation };
}

function readChange(action: JsonObject, version: string, location: Location): OverlayAction['change'] {
  const remove = member(action, 'remove');
  if (remove !== undefined && typeof remove !== 'boolean')
    throw new ContractError('`remove` is true or false', location);
  if (remove === true) return { kind: 'remove' };
  const from = member(action, 'copy');
  const hasUpdate = Object.hasOwn(action, 'update');
  if (from !== undefined) {
    if (version.startsWith('1.0')) throw new ContractError('`copy` needs `overlay: 1.1.0`', location);
    if (typeof from !== 'string') throw new ContractError('`copy` is a JSONPath', location);
    if (hasUpdate) throw new ContractError('an action has `update` or `copy`, not both', location);
    return { kind: 'copy', from };
  }
  if (!hasUpdate) throw new ContractError('an action has `update`, `remove: true` or `copy`', location);
  return { kind: 'update', value: action['update'] };
}
