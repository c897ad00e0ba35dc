/** Names and values that tell series of one metric apart. */
export type Labels = Readonly<Record<string, string>>;

export interface Metric {
  /** Adds to a counter; 1 by default. */
  add(labels: Labels, amount?: number): void;
  /** Sets a gauge. */
  set(labels: Labels, value: number): void;
  /** Forgets all series, for gauges that are read anew each time. */
  clear(): void;
}

export interface Metrics {
  /** A number that only grows; its name ends in `_total`. */
  counter(name: string, help: string): Metric;
  /** A number that goes up and down. */
  gauge(name: string, help: string): Metric;
  /** All of it in Prometheus' text format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/). */
  text(): string;
}

/** The content type of that format. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** An empty registry. A metric without any series shows its name and help alone. */
export function createMetrics(): Metrics {
  const all = new Map<string, { readonly head: string; readonly series: Map<string, number> }>();
  const metric = (kind: 'counter' | 'gauge', name: string, help: string): Metric => {
    const series = new Map<string, number>();
    all.set(name, { head: `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${kind}\n`, series });
    return {
      add: (labels, amount = 1) => void series.set(nameOf(labels), (series.get(nameOf(labels)) ?? 0) + amount),
      set: (labels, value) => void series.set(nameOf(labels), value),
      clear: () => series.clear(),
    };
  };
  return {
    counter: (name, help) => metric('counter', name, help),
    gauge: (name, help) => metric('gauge', name, help),
    text: () =>
      [...all]
        .map(([name, { head, series }]) => head + [...series].map(([of, value]) => `${name}${of} ${value}\n`).join(''))
        .join(''),
  };
}

function nameOf(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value).replaceAll('"', '\\"')}"`);
  return pairs.length > 0 ? `{${pairs.join(',')}}` : '';
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
