import { describe, expect, it } from 'vitest';
import { describedApp } from '../fixtures/described-app.js';
import { graphOf } from './graph.js';
import { graphMermaid } from './graph-mermaid.js';
import { graphSvg } from './graph-svg.js';

const graph = graphOf([{ name: 'tv', app: { ...describedApp, bff: 'tv <&>"' }, owner: '@tv-team' }]);

describe('the graph of apps and upstreams', () => {
  it('has a solid arrow where one call is needed, and a dashed one where all are optional', () => {
    expect(graphMermaid(graph)).toMatchInlineSnapshot(`
      "flowchart LR
        subgraph a0["tv <&>&quot;, @tv-team"]
          a0e0["GET /home"]
          a0e1["GET /films/:id"]
          a0e2["PUT /films/:id"]
        end
        u0(["films"])
        u1(["lists"])
        u2(["reviews"])
        u3(["users"])
        a0e0 --> u3
        a0e0 --> u1
        a0e0 -.-> u0
        a0e0 -.-> u2
      "
    `);
  });

  it('is a picture in which each endpoint and each upstream stands once, with names escaped', () => {
    const svg = graphSvg(graph);
    const open: string[] = [];
    for (const [, end, name = '', own] of svg.matchAll(/<(\/?)([a-z]+)[^<>]*?(\/?)>/g)) {
      if (end === '/') expect(open.pop()).toBe(name);
      else if (own !== '/') open.push(name);
    }
    expect(open).toEqual([]);
    for (const { name } of graph.upstreams) expect(svg.split(`>${name}</text>`)).toHaveLength(2);
    for (const { label } of graph.apps.flatMap(({ endpoints }) => endpoints)) expect(svg).toContain(`>${label}</text>`);
    const calls = graph.apps.flatMap(({ endpoints }) => endpoints.flatMap((one) => [...one.calls]));
    expect(svg.match(/<path /g)).toHaveLength(calls.length);
    expect(svg.match(/stroke-dasharray/g)).toHaveLength(calls.filter(([, isOptional]) => isOptional).length);
    expect(svg).toContain('tv &lt;&amp;&gt;&quot;');
    expect(svg).not.toContain('NaN');
    expect(graphSvg({ apps: [], upstreams: [] })).not.toContain('NaN');
  });
});
