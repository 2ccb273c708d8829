import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const compilerOptions = {
  module: 'ESNext',
  target: 'ES2024',
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  verbatimModuleSyntax: true,
};
const made = JSON.stringify([compilerOptions, require('typescript/package.json').version]);
const cache = fileURLToPath(new URL('../../node_modules/.cache/frontage-process-tests/', import.meta.url));

/** Compiled sources, cached by their text: a test starts many processes, and none of them has to load the compiler. */
function transpiled(fileName) {
  const source = readFileSync(fileName, 'utf8');
  const key = createHash('sha256').update(made).update('\0').update(fileName).update('\0').update(source).digest('hex');
  const path = `${cache}${key}.mjs`;
  try {
    return readFileSync(path, 'utf8');
  } catch {
    const ts = require('typescript');
    const { options } = ts.convertCompilerOptionsFromJson(compilerOptions, '.');
    const { outputText } = ts.transpileModule(source, { fileName, compilerOptions: options });
    mkdirSync(cache, { recursive: true });
    // Another process may be writing the same.
    writeFileSync(`${path}.${process.pid}`, outputText);
    renameSync(`${path}.${process.pid}`, path);
    return outputText;
  }
}

/** Runs the TypeScript sources of an app, decorators and all: no build comes first, so none can be stale. Loaded by `--import`. */
registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL?.endsWith('.ts')) {
      try {
        return nextResolve(`${specifier.slice(0, -3)}.ts`, context);
      } catch {
        return nextResolve(specifier, context);
      }
    }
    return nextResolve(specifier, context);
  },
  load(url, context, nextLoad) {
    if (!url.endsWith('.ts')) return nextLoad(url, context);
    return { format: 'module', source: transpiled(fileURLToPath(url)), shortCircuit: true };
  },
});
