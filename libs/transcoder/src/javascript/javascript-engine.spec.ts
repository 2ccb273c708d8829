import { compileInJavaScript } from './javascript-engine.js';
import { engineContract } from '../fixtures/engine-contract.js';

engineContract('JavaScript', compileInJavaScript);
