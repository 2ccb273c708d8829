import { shown } from './shown-value.js';

/**
 * The warning for the author about a form that another version of OpenAPI has; it is read as that version has it.
 * @param version of the document; absent: every form is right
 */
export function formOfVersion(key: string, value: unknown, version: string | undefined): string | undefined {
  if (version === undefined) return undefined;
  const isBefore31 = /^(?:2|3\.0)\b/.test(version);
  const isBound = key === 'exclusiveMinimum' || key === 'exclusiveMaximum';
  if (isBefore31) {
    const isNew = key === 'type' ? Array.isArray(value) || value === 'null' : isBound && typeof value === 'number';
    return isNew
      ? `${key} is ${shown(value)}, a form of OpenAPI 3.1 in a document of ${version}; it is read so`
      : undefined;
  }
  return isBound && value === true
    ? `${key} is true, a form of OpenAPI 3.0 in a document of ${version}; the limit beside it is taken as exclusive`
    : undefined;
}
