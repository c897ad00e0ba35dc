/** How long lwi waits, ms. Each runs on its own; the shortest that ends first counts. */
export interface Timeouts {
  /** Until a connection is there, TLS included. */
  readonly connectMs: number;
  /** From the request to the first line of its answer. */
  readonly headersMs: number;
  /** Between two pieces of a body. */
  readonly bodyMs: number;
  /** One attempt as a whole. */
  readonly attemptMs: number;
  /** A call as a whole, with all attempts and waits. */
  readonly callMs: number;
}

/** `timeouts` of the config: for all providers, and what differs for single ones by their id. */
export type TimeoutSettings = Partial<Timeouts> & { readonly providers?: Readonly<Record<string, Partial<Timeouts>>> };

/** QuickBooks lets a request run for 120 s (its limits page); nobody else needs more. Five minutes for a call with all its repeats. */
export const DEFAULT_TIMEOUTS: Timeouts = {
  ...{ connectMs: 10_000, headersMs: 120_000, bodyMs: 60_000, attemptMs: 150_000 },
  callMs: 300_000,
};

/** What holds for one provider: its own setting, else that for all, else the default. */
export function timeoutsFor({ providers, ...all }: TimeoutSettings = {}, provider: string): Timeouts {
  const own = providers && Object.hasOwn(providers, provider) ? providers[provider] : undefined;
  return { ...DEFAULT_TIMEOUTS, ...all, ...own };
}
