import { appMayImport, law, withoutNest } from './test/architecture/import-law.mjs';

const outside = (names) => `^libs/(?!(?:${names.join('|')})/)`;
const specs = '(?:\\.(?:spec|spec-d|bench)\\.ts$|/fixtures/)';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    // Types may refer to each other; code that runs may not.
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    ...Object.entries(law).map(([lib, allowed]) => ({
      name: `libs/${lib} imports ${allowed.length === 0 ? 'nothing of ours' : `only ${allowed.join(', ')}`}`,
      severity: 'error',
      from: { path: `^libs/${lib}/`, pathNot: specs },
      to: { path: outside([lib, ...allowed]) },
    })),
    { name: 'a lib never imports an app', severity: 'error', from: { path: '^libs/' }, to: { path: '^apps/' } },
    {
      name: 'an app imports the libs made for apps',
      severity: 'error',
      from: { path: '^apps/[^/]+/(?:src|upstreams)/', pathNot: specs },
      to: { path: outside(appMayImport) },
    },
    {
      name: 'an app never imports another app',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'pure libs know nothing of Nest',
      severity: 'error',
      from: { path: `^libs/(?:${withoutNest.join('|')})/` },
      to: { path: 'node_modules/@nestjs/' },
    },
    {
      name: 'only libs/store connects to Redis: one connection, one guard, keys that begin with the app',
      severity: 'error',
      from: { path: '^(?:apps|libs|templates)/', pathNot: `${specs}|^libs/store/` },
      to: { path: 'node_modules/(?:ioredis|iovalkey|redis|@redis|@keyv/redis|@keyv/valkey)/' },
    },
    {
      name: 'production code never imports testing',
      severity: 'error',
      from: { path: '^(?:apps|libs)/[^/]+/src/', pathNot: `${specs}|^libs/testing/` },
      to: { path: '^libs/(?:testing|sandbox)/', pathNot: '^libs/sandbox/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(?:^|/)dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@frontage/source', 'import', 'node', 'default', 'types'],
    },
  },
};
