// oxlint-disable-next-line typescript/triple-slash-reference -- projects that reach this file by an import know nothing of the one beside it
/// <reference path="./web-assembly/web-assembly.d.ts" />
import type { TranscoderCounts } from './counts.js';
import { engineBytes } from './web-assembly/engine.gen.js';
import { compileInJavaScript } from './javascript/javascript-engine.js';
import type { Projection } from './model/projection.js';
import type { ProjectionSpec } from './model/projection-spec.js';
import { rememberingLast } from './repeats.js';
import { WebAssemblyEngine } from './web-assembly/web-assembly-engine.js';

/** One per process, made with the first projection; `null` where WebAssembly or its SIMD is missing. */
let engine: WebAssemblyEngine | null | undefined;

const counts = { projected: 0, leftToParser: 0, repeated: 0, differing: 0 };

export const transcoderCounts: TranscoderCounts = {
  get projected() {
    return counts.projected;
  },
  get leftToParser() {
    return counts.leftToParser;
  },
  get repeated() {
    return counts.repeated;
  },
  get differing() {
    return counts.differing;
  },
  get foreseen() {
    return engine?.foreseen ?? 0;
  },
  get unforeseen() {
    return engine?.unforeseen ?? 0;
  },
};

/**
 * Compiles a projection spec: for WebAssembly where it exists, otherwise for JavaScript (with `--jitless`, or when the specs need more than
 * the tables of the engine: 13 MB, enough for some thousands). Projections are never freed: compile at start.
 * @throws TypeError for a spec that cannot be followed
 */
export function compileProjection(spec: ProjectionSpec): Projection {
  engine ??= startEngine();
  return counting(rememberingLast(engine?.compile(spec) ?? compileInJavaScript(spec), counts));
}

function startEngine(): WebAssemblyEngine | null {
  if (typeof WebAssembly === 'undefined') return null;
  const bytes = Buffer.from(engineBytes, 'base64');
  return WebAssembly.validate(bytes) ? new WebAssemblyEngine(bytes) : null;
}

function counting(projection: Projection): Projection {
  return {
    project(bytes) {
      const texts = projection.project(bytes);
      if (texts === undefined) counts.leftToParser++;
      else counts.projected++;
      return texts;
    },
  };
}
