import type { ParameterDescription } from '@frontage/contracts';
import type { Operation } from './runtime/types.js';

type Style = NonNullable<Operation['styles']>[string];

/** The style of a parameter in the words of the client; undefined where the client does not write it. */
export function styleOf({
  in: place,
  style,
  explode,
  content,
  schema,
}: ParameterDescription): Style | 'plain' | undefined {
  if (place !== 'query') {
    // Lists are written in one way, exploded or not; objects in two.
    const isObject = explode === true && typeof schema === 'object' && schema.properties !== undefined;
    return style === undefined && content === undefined && !isObject ? 'plain' : undefined;
  }
  if (content !== undefined) return 'json';
  switch (style) {
    case undefined:
    case 'form':
      return explode === false ? 'comma' : 'plain';
    case 'spaceDelimited':
      return 'space';
    case 'pipeDelimited':
      return 'pipe';
    case 'deepObject':
      return 'deep';
    default:
      return undefined;
  }
}
