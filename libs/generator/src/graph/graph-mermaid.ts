import { linesText } from '../terminal/terminal.js';
import type { Graph } from './graph.js';

const quoted = (text: string): string => `"${text.replaceAll('"', '&quot;').replaceAll('\n', '<br/>')}"`;

/** A flowchart: a box per BFF with its endpoints, dashed arrows for calls that a screen can do without. */
export function graphMermaid({ apps, upstreams }: Graph): string {
  const idOf = new Map(upstreams.map(({ name }, at) => [name, `u${at}`]));
  const boxes = apps.flatMap(({ name, owner, endpoints }, app) => [
    `  subgraph a${app}[${quoted(owner === undefined ? name : `${name}, ${owner}`)}]`,
    ...endpoints.map(({ label }, at) => `    a${app}e${at}[${quoted(label)}]`),
    '  end',
  ]);
  const services = upstreams.map(
    ({ name, owners }) => `  ${idOf.get(name)}([${quoted([name, ...owners].join('\n'))}])`,
  );
  const arrows = apps.flatMap(({ endpoints }, app) =>
    endpoints.flatMap(({ calls }, at) =>
      [...calls].map(([name, isOptional]) => `  a${app}e${at} ${isOptional ? '-.->' : '-->'} ${idOf.get(name)}`),
    ),
  );
  return linesText(['flowchart LR', ...boxes, ...services, ...arrows]);
}
