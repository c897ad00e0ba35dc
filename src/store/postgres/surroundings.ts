/** What a connection takes from outside of its URL. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where `.pgpass` is. */
  readonly homedir: () => string;
}

/** Nothing at all: the URL alone counts. */
export const NO_SURROUNDINGS: Surroundings = { environment: {}, homedir: () => '' };
