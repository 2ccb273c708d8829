export { compileProjection, transcoderCounts } from './compile-projection.js';
export type { TranscoderCounts } from './counts.js';
export { compileInJavaScript } from './javascript/javascript-engine.js';
export type { Projection } from './model/projection.js';
export { givesList } from './model/spec-layout.js';
export type {
  AnyShape,
  ChoiceCase,
  EntryShape,
  JoinedValue,
  ListShape,
  ObjectShape,
  ProjectionSpec,
  ScalarShape,
  Shape,
  ShapeMember,
  Template,
  TemplateMember,
} from './model/projection-spec.js';
