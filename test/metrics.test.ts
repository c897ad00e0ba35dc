import { expect, test } from 'vitest';
import { createMetrics } from '../src/metrics.ts';

test('counters and gauges come out in the text format, each under its name and help', () => {
  const metrics = createMetrics();
  const sent = metrics.counter('sent_total', 'Requests\nthat went out.');
  const age = metrics.gauge('age_seconds', 'How old.');
  sent.add({ provider: 'slack' });
  sent.add({ provider: 'slack' }, 2);
  sent.add({});
  age.set({ provider: 'a"b\\c\nd' }, 1.5);
  expect(metrics.text()).toBe(
    [
      ...['# HELP sent_total Requests\\nthat went out.', '# TYPE sent_total counter'],
      ...['sent_total{provider="slack"} 3', 'sent_total 1'],
      ...['# HELP age_seconds How old.', '# TYPE age_seconds gauge', 'age_seconds{provider="a\\"b\\\\c\\nd"} 1.5', ''],
    ].join('\n'),
  );
  age.clear();
  expect(metrics.text()).not.toContain('age_seconds{');
});
