import { describe, expect, it } from 'vitest';
import { boundText, exposition, lastLine, metricsPage } from './exposition.js';
import { labelSet, noLabels } from './labels.js';
import { readings } from './metric-data.js';

const formatFor = (accept: string | undefined): string => metricsPage(accept, (format) => format).body;

describe('the format of a page of metrics', () => {
  it.each([
    // Prometheus 2.42, and 3.
    ['application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1', 'openMetrics'], // prettier-ignore
    ['application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1', 'openMetrics'], // prettier-ignore
    ['text/plain;version=0.0.4', 'text'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'text'],
    ['*/*', 'text'],
    ['application/*, text/*;q=0.5', 'openMetrics'],
    ['APPLICATION/OpenMetrics-Text', 'openMetrics'],
    ['application/openmetrics-text;q=0, */*', 'text'],
    ['application/openmetrics-text;q=nonsense', 'text'],
    [undefined, 'text'],
    ['', 'text'],
  ])('for %s', (accept, format) => {
    expect(formatFor(accept)).toBe(format);
  });

  it('is said in its type', () => {
    const typeFor = (accept: string): string => metricsPage(accept, () => '').contentType;
    expect(typeFor('text/plain')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(typeFor('application/openmetrics-text')).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
  });
});

describe('OpenMetrics', () => {
  it('names counters without the end of their samples, says units, escapes texts, and has an end', () => {
    const families = [
      readings('counter', 'cpu_seconds_total', 'All \\ of "it".', [[noLabels, Infinity]]),
      readings('gauge', 'nodes', 'Nodes.', [[labelSet([['path', 'a"b\\c\nd']]), 0.5]]),
    ];
    expect(exposition(families, 'openMetrics') + lastLine('openMetrics')).toBe(
      String.raw`# HELP cpu_seconds All \\ of \"it\".
# TYPE cpu_seconds counter
# UNIT cpu_seconds seconds
cpu_seconds_total +Inf
# HELP nodes Nodes.
# TYPE nodes gauge
nodes{path="a\"b\\c\nd"} 0.5
# EOF
`,
    );
  });

  it.each([
    [0.005, '0.005'],
    [1, '1.0'],
    [100_000, '100000.0'],
    [1e6, '1e+06'],
    [2.5e6, '2.5e+06'],
    [1e10, '1e+10'],
    [undefined, '+Inf'],
  ])('writes the bound %d as %s', (bound, text) => {
    expect(boundText(bound)).toBe(text);
  });
});
