import { BaseResolver, createConfig, lintDocument, Source, type ResolveError } from '@redocly/openapi-core';
import { withoutCircles } from './circular-references.js';
import { parsePointer, resolvePointer, type JsonObject } from './json.js';
import { formatLocation, locationOf, type ContractWarning, type Location } from './location.js';

/** Fetches nothing. */
class ClosedResolver extends BaseResolver {
  override loadExternalRef(absoluteRef: string): Promise<Source> {
    const error: Pick<ResolveError, 'message'> = new Error(`${absoluteRef} is not loaded`);
    return Promise.reject(error);
  }
}

/** Checks a document against the structure of its version. A mistake is a warning: it does no harm here, or is refused elsewhere. */
export async function lintStructure(document: JsonObject, file: string): Promise<ContractWarning[]> {
  const config = await createConfig({ rules: { struct: 'warn' } });
  const start: Location = { file, line: 1, column: 1 };
  // The checker stops at a reference that leads back to itself, and does not say where that reference is.
  const { document: checked, warnings, replaced } = withoutCircles(document);
  const problems = await lintDocument({
    document: { source: new Source(file, ''), parsed: checked },
    externalRefResolver: new ClosedResolver(),
    config,
    // The checker stumbles over members named like those of Object.prototype too; that is no fault of the contract.
  }).catch(() => undefined);
  if (problems === undefined)
    return [...warnings, { rule: 'struct', message: 'the structure could not be checked', ...start }];
  const told = problems.map((problem) => {
    const { file: name, line, column } = nearest(document, problem.location[0]?.pointer) ?? start;
    return {
      rule: problem.ruleId,
      message: problem.message.split('\n')[0] ?? problem.message,
      file: name,
      line,
      column,
    };
  });
  // The empty object that replaces a circle has mistakes of its own; the contract does not have them.
  return [...warnings, ...told.filter((warning) => !replaced.has(formatLocation(warning)))];
}

/** The location of a node, or of the nearest object or list around it. */
function nearest(document: JsonObject, pointer: string | undefined): Location | undefined {
  const tokens = parsePointer(pointer?.replace(/^#/, '') ?? '') ?? [];
  for (let length = tokens.length; length >= 0; length--) {
    const location = locationOf(resolvePointer(document, tokens.slice(0, length)));
    if (location !== undefined) return location;
  }
  return undefined;
}
