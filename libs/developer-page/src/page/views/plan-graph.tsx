import type { PlanNode } from '../../model/state.js';
import { duration } from '../shared/format.js';
import { boxHeight, boxWidth, planLayout, type PlacedNode } from './plan-layout.js';

/** The calls of a plan and the order between them: as a picture, and as a table for people who do not see it. */
export function PlanGraph({ nodes, name }: { readonly nodes: readonly PlanNode[]; readonly name: string }) {
  const { nodes: placed, edges, width, height } = planLayout(nodes);
  return (
    <>
      <div class="graph">
        <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height} aria-hidden="true">
          {edges.map(({ from, to }) => (
            <path key={`${from.node.name} ${to.node.name}`} class="edge" d={curve(from, to)} />
          ))}
          {placed.map((one) => (
            <Box key={one.node.name} placed={one} />
          ))}
        </svg>
      </div>
      <p class="legend">
        <i class="required" /> required <i class="optional" /> optional <i class="write" /> write <i class="step" />{' '}
        step
      </p>
      <table class="list">
        <caption>parts of {name}</caption>
        <thead>
          <tr>
            <th scope="col">part</th>
            <th scope="col">call</th>
            <th scope="col">need</th>
            <th scope="col">waits for</th>
            <th scope="col">timeout</th>
          </tr>
        </thead>
        <tbody>
          {nodes.map((node) => (
            <tr key={node.name}>
              <th scope="row">{node.name}</th>
              <td>{callText(node)}</td>
              <td>
                {node.need ?? ''}
                {node.hasFallback && ', with a fallback'}
              </td>
              <td>{node.after.join(', ')}</td>
              <td>{node.timeoutMs === undefined ? '' : duration(node.timeoutMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function callText({ kind, upstream, operation, maxCount }: PlanNode): string {
  if (upstream === undefined) return kind;
  return `${upstream}.${operation ?? ''}${maxCount === undefined ? '' : `, ${maxCount} times at most`}`;
}

function Box({ placed: { node, x, y } }: { readonly placed: PlacedNode }) {
  const { name, kind, need, upstream, operation, maxCount } = node;
  const second = upstream === undefined ? kind : `${upstream}.${operation ?? ''}`;
  const rounding = kind === 'step' ? boxHeight / 2 : 6;
  return (
    <g class={`node ${kind === 'step' ? 'step' : (need ?? '')}`}>
      {maxCount !== undefined && <rect x={x + 4} y={y + 4} width={boxWidth - 4} height={boxHeight - 4} rx={rounding} />}
      <rect x={x} y={y} width={boxWidth - 4} height={boxHeight - 4} rx={rounding} />
      <text x={x + 14} y={y + 22} class="name">
        {name}
        {maxCount !== undefined && ` × ${maxCount}`}
      </text>
      <text x={x + 14} y={y + 38}>
        {second.length > 33 ? `${second.slice(0, 32)}…` : second}
      </text>
    </g>
  );
}

function curve(from: PlacedNode, to: PlacedNode): string {
  const [x1, y1] = [from.x + boxWidth - 4, from.y + boxHeight / 2 - 2];
  const [x2, y2] = [to.x, to.y + boxHeight / 2 - 2];
  const bend = (x2 - x1) / 2;
  return `M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}
