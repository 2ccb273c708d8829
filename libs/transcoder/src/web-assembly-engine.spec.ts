import { engineContract } from './fixtures/engine-contract.js';
import { engineBytes } from './engine.gen.js';
import { WebAssemblyEngine } from './web-assembly-engine.js';

const engine = new WebAssemblyEngine(Buffer.from(engineBytes, 'base64'));

engineContract('WebAssembly', (recipe) => {
  const projection = engine.compile(recipe);
  if (projection === undefined) throw new Error('The tables are full.');
  return projection;
});
