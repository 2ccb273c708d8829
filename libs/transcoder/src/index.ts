import { compileInJavaScript } from './javascript-engine.js';
import type { Projection } from './projection.js';
import type { Recipe } from './recipe.js';
import type { TranscoderCounts } from './counts.js';

export { compileInJavaScript } from './javascript-engine.js';
export type { Projection } from './projection.js';
export type { TranscoderCounts } from './counts.js';
export type {
  ListShape,
  ObjectShape,
  Recipe,
  ScalarShape,
  Shape,
  ShapeMember,
  Template,
  TemplateMember,
} from './recipe.js';

export const transcoderCounts: TranscoderCounts = {
  projected: 0,
  declined: 0,
  repeated: 0,
  differing: 0,
  foreseen: 0,
  unforeseen: 0,
};

/** @throws TypeError for a recipe that cannot be followed */
export function compileProjection(recipe: Recipe): Projection {
  return compileInJavaScript(recipe);
}
