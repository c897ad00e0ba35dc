import type { TimeFormat } from '../../providers/generic/definition.ts';

/** A time with a zone, as RFC 3339 (5.6) writes it. */
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/** What each format looks like, and its ms since the epoch. */
const READERS: Readonly<Record<TimeFormat, { readonly form: RegExp; ms(text: string): number }>> = {
  iso: { form: RFC_3339, ms: (text) => Date.parse(text) },
  epoch: { form: /^\d{1,11}$/, ms: (text) => Number(text) * 1000 },
  epochMs: { form: /^\d{1,14}$/, ms: Number },
  date: { form: /^\d{4}-\d\d-\d\d$/, ms: (text) => Date.parse(text) },
};

/** The bound that a filter names, ms; undefined when it is not written in this format. */
export function readSince(text: string, format: TimeFormat = 'iso'): number | undefined {
  const { form, ms } = READERS[format];
  const value = form.test(text) ? ms(text) : Number.NaN;
  return Number.isNaN(value) ? undefined : value;
}
