/** Names that JavaScript, the generator or the emitter of types use themselves. */
export const namesUse = `
import { pick, plan, required, screen, text } from '@frontage/aggregation';
import * as names from './libs/upstreams/names/names.gen.js';
import { getThing } from './libs/upstreams/names/names.gen.js';

export const view = screen(
  plan('names', { input: {}, deadlineMs: 500 }, () => {
    const thing = required(getThing, { query: { constructor: 'a', then: 'b', $filter: 'c', 0: 'd', toString: 'e', 'a[b]': 'f', X: '1', x: '2' } });
    const then = required(getThing, { query: { constructor: thing.constructor, then: thing.then, toString: thing.nested.then } });
    const constructor = required(names.constructor, {});
    return { thing, then, constructor, a: required(names.then_2, {}), b: required(names.default, {}), c: required(names.delete, {}), d: required(names._404, {}) };
  }),
  ({ thing, then, constructor }) => ({
    ...pick(thing, 'then', 'constructor', 'toString', '0', '42', '1a', 'a.b', 'a/b', 'has space', '$ref', '', 'own:x', 'id', 'ID', 'a-b', 'aB'),
    again: then.then,
    deep: thing.nested.of.y.two.toString,
    zero: thing[0],
    line: text\`\${thing.then} \${constructor}\`,
  }),
);
`;
