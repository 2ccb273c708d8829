import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Counter } from '../families/counter.js';
import { exposition, lastLine, type MetricsFormat } from '../families/exposition.js';
import { Histogram } from '../families/histogram.js';
import { labelSet } from '../families/labels.js';
import { reading, readings, type MetricData } from '../families/metric-data.js';
import { keepCounts, parseMetrics, renderMetrics, sumMetrics, type Metrics } from './metrics-sum.js';

const none: Metrics = new Map();
const formats: readonly MetricsFormat[] = ['text', 'openMetrics'];
const sumIn = (format: MetricsFormat, ...texts: readonly string[]): string =>
  renderMetrics(
    sumMetrics(
      texts.map((text, index) => ({ metrics: parseMetrics(text, `process ${index + 1}`), process: String(index + 1) })),
    ),
    format,
  ) + lastLine(format);
const sumOf = (...texts: readonly string[]): string => sumIn('text', ...texts);
/** Lines without regard to which series came first. */
const lines = (text: string): readonly string[] => text.split('\n').toSorted();

// Quarters, so that sums of seconds are exact in any order.
const event = fc.record({
  quarters: fc.nat({ max: 60 }),
  label: fc.oneof(fc.constantFrom('/home', '/cart'), fc.string({ unit: 'binary', maxLength: 6 })),
});
const perProcess = fc.array(fc.array(event, { maxLength: 12 }), { minLength: 1, maxLength: 4 });

/** Zero-based numbers of events stand for times and traces. */
function page(
  events: readonly { readonly quarters: number; readonly label: string }[],
  format: MetricsFormat = 'text',
): string {
  const durations = new Histogram('request_seconds', 'Time.', ['method', 'route', 'class'], 100, [0.5, 1, 5, 10]);
  const answers = new Counter('answers_total', 'Answers \\ and "quotes".', ['route'], 100);
  for (const { quarters, label } of events) {
    durations.observe(quarters / 4, 'GET', label, '2xx');
    answers.add(label);
  }
  const families = [
    durations.data(),
    answers.data(),
    gauge('http_server_active_requests', 'Under way.', events.length),
  ];
  return exposition(families, format) + lastLine(format);
}
const gauge = (name: string, help: string, value: number): MetricData => reading('gauge', name, help, value);

describe('the sum of several processes', () => {
  it('is what one process that saw everything would write', () => {
    fc.assert(
      fc.property(perProcess, (processes) => {
        for (const format of formats) {
          const texts = processes.map((events) => page(events, format));
          expect(lines(sumIn(format, ...texts))).toEqual(lines(page(processes.flat(), format)));
        }
      }),
    );
  });

  it('is written as it is read', () => {
    fc.assert(
      fc.property(perProcess, (processes) => {
        for (const format of formats) {
          const text = sumIn(format, ...processes.map((events) => page(events, format)));
          expect(renderMetrics(parseMetrics(text, 'the sum'), format) + lastLine(format)).toBe(text);
        }
      }),
    );
  });

  it('keeps what only one process can say once per process', () => {
    const one = gauge('process_resident_memory_bytes', 'Memory.', 10);
    const delay = readings('gauge', 'nodejs_heap_space_bytes', 'Space.', [[labelSet([['space', 'old']]), 0.25]]);
    expect(sumOf(exposition([one, delay], 'text'), exposition([one], 'text'))).toBe(
      `# HELP process_resident_memory_bytes Memory.
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes{process="1"} 10
process_resident_memory_bytes{process="2"} 10
# HELP nodejs_heap_space_bytes Space.
# TYPE nodejs_heap_space_bytes gauge
nodejs_heap_space_bytes{space="old",process="1"} 0.25
`,
    );
  });

  it('leaves that out of a process that is on its way out, and keeps what it counts', () => {
    const text =
      exposition([gauge('process_start_time_seconds', 'Up.', 3)], 'text') + page([{ quarters: 1, label: '/home' }]);
    const sum = renderMetrics(sumMetrics([{ metrics: parseMetrics(text, 'old'), process: undefined }]), 'text');
    expect(sum).toContain('http_server_active_requests 1\n');
    expect(sum).toContain('answers_total{route="/home"} 1\n');
    expect(sum).not.toMatch(/^process_start_time_seconds/m);
  });

  it('says how many processes have a breaker in a state', () => {
    const labels = labelSet(Object.entries({ upstream: 'a,}"\\b', state: 'open' }));
    const state = exposition([readings('gauge', 'frontage_breaker_state', 'State.', [[labels, 1]])], 'text');
    expect(sumOf(state, state)).toContain('frontage_breaker_state{upstream="a,}\\"\\\\b",state="open"} 2\n');
  });
});

describe('exemplars', () => {
  const traced = (traceId: string, value: number, atMs: number): string => {
    const durations = new Histogram('request_seconds', 'Time.', ['route'], 100, [0.5, 1]);
    durations.observe(value, '/home');
    durations.exemplify({ traceId, spanId: 'b'.repeat(16), value, atMs }, '/home');
    return exposition([durations.data()], 'openMetrics') + lastLine('openMetrics');
  };

  it('of the same bucket in several processes: the latest one stays, whatever the order', () => {
    const [early, late, other] = [traced('1', 0.2, 1_000), traced('2', 0.4, 2_000), traced('3', 0.9, 500)];
    for (const texts of [
      [early, late, other],
      [late, other, early],
    ])
      expect(sumIn('openMetrics', ...texts)).toBe(`# HELP request_seconds Time.
# TYPE request_seconds histogram
# UNIT request_seconds seconds
request_seconds_bucket{route="/home",le="0.5"} 2 # {trace_id="2",span_id="bbbbbbbbbbbbbbbb"} 0.4 2.000
request_seconds_bucket{route="/home",le="1.0"} 3 # {trace_id="3",span_id="bbbbbbbbbbbbbbbb"} 0.9 0.500
request_seconds_bucket{route="/home",le="+Inf"} 3
request_seconds_sum{route="/home"} 1.5
request_seconds_count{route="/home"} 3
# EOF
`);
  });

  it('are in no text of format 0.0.4, and go with the process that made them', () => {
    const text = traced('1', 0.2, 1_000);
    expect(sumOf(text)).not.toContain('trace_id');
    expect(renderMetrics(keepCounts(none, parseMetrics(text, 'ended')), 'openMetrics')).not.toContain('trace_id');
  });
});

describe('processes that have ended', () => {
  it('stay in the sum with what they counted, and with nothing else', () => {
    const text = page([{ quarters: 2, label: '/home' }]);
    const kept = keepCounts(keepCounts(none, parseMetrics(text, 'first')), parseMetrics(text, 'second'));
    expect(renderMetrics(kept, 'text')).toContain('request_seconds_count{method="GET",route="/home",class="2xx"} 2\n');
    expect(renderMetrics(kept, 'text')).not.toContain('active_requests');
  });

  it('take up a bounded place: beyond it series that are known still count, new ones do not', () => {
    const series = (from: number, count: number): Metrics =>
      parseMetrics(
        `# TYPE hits counter\n${Array.from({ length: count }, (_, index) => `hits{n="${from + index}"} 1\n`).join('')}`,
        'many',
      );
    const kept = keepCounts(keepCounts(keepCounts(none, series(0, 10_000)), series(10_000, 5)), series(0, 1));
    expect(kept.get('hits')?.samples.size).toBe(10_000);
    expect(kept.get('hits')?.samples.get('hits{n="0"}')).toBe(2);
  });
});

describe('a text that is no exposition', () => {
  it.each([
    ['a sample without a value', '# TYPE a counter\na', 2, 'a sample is name{label="value"} number'],
    ['a label without quotes', '# TYPE a counter\na{b=1} 1', 2, 'a sample is name{label="value"} number'],
    ['a value that is no number', '# TYPE a counter\na{b="1"} x', 2, 'the value of a sample is a number'],
    ['a sample of nobody', 'a 1', 1, 'a sample stands below the # TYPE of its own metric'],
    ['a sample of another metric', '# TYPE a histogram\na 1', 2, 'a sample stands below the # TYPE of its own metric'],
    ['a type that there is not', '# TYPE a summary', 1, 'the type of a metric is counter, gauge or histogram'],
    ['a metric twice', '# TYPE a counter\n# TYPE a counter', 2, 'a is declared twice'],
    ['a series twice', '# TYPE a counter\na 1\na 2', 3, 'a stands there twice'],
  ])('%s is named with its line', (_, text, line, why) => {
    expect(() => parseMetrics(text, 'process 2')).toThrow(`metrics of process 2, line ${line}: ${why}, found `);
  });

  it('as are processes that disagree about a metric', () => {
    expect(() => sumOf('# TYPE a counter\na 1', '# TYPE a gauge\na 1')).toThrow(
      'the metric a is a counter in one process and a gauge in another',
    );
  });

  it('takes every number that the format has', () => {
    const text = '# HELP a \n# TYPE a gauge\na{b="1"} NaN\na{b="2"} +Inf\na{b="3"} -Inf\na{b="4"} 1e-7\n';
    expect(renderMetrics(parseMetrics(text, 'one'), 'text')).toBe(text);
  });
});
