/** What `lwi api` was given on the command line. */
export interface ApiOptions {
  readonly method?: string;
  readonly query: readonly string[];
  readonly header: readonly string[];
  readonly field: readonly FieldOption[];
  readonly typedField: readonly FieldOption[];
  readonly input?: string;
  readonly paginate?: boolean;
  readonly slurp?: boolean;
  readonly include?: boolean;
  readonly output?: string;
}

/** One `-f` or `-F`. */
export interface FieldOption {
  readonly text: string;
  /** `-F`: the value may be a number, a literal or a file. */
  readonly typed: boolean;
  /** Its place among all fields of the command line, so that both kinds together keep their order. */
  readonly place: number;
}
