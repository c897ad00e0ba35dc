/** What `lwi api` was given on the command line. */
export interface ApiOptions {
  readonly method?: string;
  readonly query: readonly string[];
  readonly header: readonly string[];
  readonly field: readonly string[];
  readonly input?: string;
  readonly include?: boolean;
}
