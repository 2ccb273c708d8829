import { expressionText } from '../../view/expression-reading.js';
import type { Expression } from '../../view/expressions.js';

/** The expression of a member as a reader of the screen knows it: `mapEnum(profile.tier)`, `text(Hello ${profile.name})`. */
export function originText(e: Expression): string {
  switch (e.kind) {
    case 'compute':
      return `${e.schema === undefined ? 'condition' : 'compute'}(${e.dependencies.map(([, value]) => originText(value)).join(', ')})`;
    case 'text':
      return `text(${e.strings.map((text, at) => text + textOfValue(e.values[at])).join('')})`;
    case 'enum':
      return `mapEnum(${originText(e.of)})`;
    case 'count':
      return `count(${originText(e.of)})`;
    case 'when':
      return `when(${originText(e.condition)}, ${originText(e.consequent)}, ${originText(e.alternate)})`;
    case 'equal':
      return `equal(${originText(e.left)}, ${originText(e.right)})`;
    case 'object':
      return `{ ${e.members.map(([name]) => name).join(', ')} }`;
    case 'merge':
      return e.parts.map(originText).join(' with ');
    case 'pick':
      return `pick(${originText(e.of)}, ${e.keys.join(', ')})`;
    case 'omit':
      return e.keys.length === 0 ? originText(e.of) : `omit(${originText(e.of)}, ${e.keys.join(', ')})`;
    case 'literal':
      return e.value === undefined ? 'nothing' : JSON.stringify(e.value);
    default:
      return expressionText(e);
  }
}

const textOfValue = (e: Expression | undefined): string => (e === undefined ? '' : `\${${originText(e)}}`);
