import { join } from 'node:path';
import ts from 'typescript';
import { workspaceRoot } from '@frontage/testing';

const raw = '@grafana/schema/dist/esm/raw/composable';
/** The types of Grafana, with texts and numbers in place of its enums: those of JSON. */
const types = `
import type { Dashboard, GraphFieldConfig, Panel } from '@grafana/schema';
import type { Options as Stat } from '${raw}/stat/panelcfg/x/StatPanelCfg_types.gen';
import type { Options as Series } from '${raw}/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';
type Json<T> = T extends string ? \`\${T}\` : T extends number | boolean | null | undefined ? T : T extends object ? { [K in keyof T]: Json<T[K]> } : T;
type Target = { refId: string; datasource: { type: string; uid: string }; expr: string; legendFormat: string; exemplar?: boolean };
type Of<Type extends string, Options, Custom> = Omit<Json<Panel>, 'type' | 'options' | 'targets' | 'fieldConfig'> & {
  type: Type;
  options: Json<Partial<Options>>;
  targets: Target[];
  fieldConfig: Omit<Json<NonNullable<Panel['fieldConfig']>>, 'defaults'> & {
    defaults: Omit<Json<NonNullable<Panel['fieldConfig']>['defaults']>, 'custom'> & { custom?: Json<Custom> };
  };
};
type Row = { type: 'row'; id: number; title: string; collapsed: boolean; gridPos: Json<NonNullable<Panel['gridPos']>>; panels: [] };
type Board = Omit<Json<Dashboard>, 'panels'> & { panels: (Row | Of<'stat', Stat, object> | Of<'timeseries', Series, GraphFieldConfig>)[] };
`;

/**
 * Holds a dashboard against the types that Grafana publishes of its schema.
 * @returns one line per mistake; none for a dashboard that Grafana takes
 */
export function schemaMistakes(json: string): readonly string[] {
  const name = join(workspaceRoot, 'test/slo/board.virtual.ts');
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    target: ts.ScriptTarget.ES2024,
    module: ts.ModuleKind.Preserve,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  };
  const host = ts.createCompilerHost(options);
  const source = ts.createSourceFile(
    name,
    `${types}export const board: Board = ${json};`,
    ts.ScriptTarget.ES2024,
    true,
  );
  const parse = host.getSourceFile.bind(host);
  host.getSourceFile = (file, ...rest) => (file === name ? source : parse(file, ...rest));
  const program = ts.createProgram([name], options, host);
  return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
    ({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '),
  );
}
