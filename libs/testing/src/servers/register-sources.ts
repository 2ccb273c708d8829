import { registerHooks } from 'node:module';

/**
 * Makes `import './x.js'` find `./x.ts` where only that exists, as the compiler and vitest do. Loaded by `--import` into processes that
 * run TypeScript sources; see {@link sourceArguments}.
 */
registerHooks({
  resolve(specifier, context, nextResolve) {
    const fromSource =
      specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL?.endsWith('.ts') === true;
    if (!fromSource) return nextResolve(specifier, context);
    try {
      return nextResolve(`${specifier.slice(0, -3)}.ts`, context);
    } catch {
      return nextResolve(specifier, context);
    }
  },
});
