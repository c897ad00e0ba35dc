/** What a check of an API answer has to look at. */
export interface Answered {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** By this machine's clock, before the request went and after the answer had come, ms since the epoch; waits lie between them. */
  readonly began: number;
  readonly ended: number;
}
