/** What a script may do about an error; each category is one exit code of the command contract. */
export type Category =
  | 'defect'
  | 'usage'
  | 'auth'
  | 'refused'
  | 'unavailable'
  | 'unverified'
  | 'storage'
  | 'check'
  | 'stopped';

interface ErrorKind {
  readonly category: Category;
  /** Exit code of the process; 0 to 255. */
  readonly exit: number;
  /** Whether the same command may succeed later with nothing changed. */
  readonly retryable: boolean;
  /** The next step, where the place that throws knows nothing better. `{provider}` is filled in. */
  readonly remedy: string;
}

const kind = (category: Category, exit: number, remedy: string, retryable = false): ErrorKind => ({
  category,
  exit,
  remedy,
  retryable,
});

/** Every error of lwi: stable code -> category, exit code, remedy. The only place where an exit code is chosen. */
export const ERROR_KINDS = {
  INTERNAL: kind('defect', 1, 'Run again with --verbose and report what it prints.'),

  USAGE: kind('usage', 2, 'Run the command with --help.'),
  CONFIG_INVALID: kind('usage', 2, 'Correct the file, then run `lwi provider list` to check that it loads.'),
  INPUT_INVALID: kind('usage', 2, 'Correct the input and run the command again.'),
  INPUT_NEEDED: kind('usage', 2, 'Give the named flag or variable, or run in a terminal.'),
  PROVIDER_UNKNOWN: kind('usage', 2, 'Run `lwi provider list`.'),
  CREDENTIALS_MISSING: kind('usage', 2, 'Set the named variables, or run `lwi secret set {provider} client-id`.'),
  REDIRECT_UNUSABLE: kind('usage', 2, 'Run `lwi connect {provider} --redirect-uri <https uri> --paste`.'),
  ACCOUNT_MISMATCH: kind('usage', 2, 'Choose the same company in the browser, or run the command with --replace.'),
  PORT_IN_USE: kind('usage', 2, 'Run again with --port <n>, naming a free port.'),
  NOT_RECORDED: kind('usage', 2, 'Run the command that was recorded, or record this one with --record <file.har>.'),
  UNSUPPORTED: kind('usage', 2, 'Run `lwi provider show {provider}` to see what it offers.'),

  NOT_CONNECTED: kind('auth', 3, 'Run `lwi connect {provider}`.'),
  RECONNECT_REQUIRED: kind('auth', 3, 'Run `lwi connect {provider}`.'),
  CONSENT_REFUSED: kind('auth', 3, 'Run `lwi connect {provider}` and approve in the browser.'),
  CONNECT_TIMEOUT: kind('auth', 3, 'Run `lwi connect {provider}` again, with a longer --timeout or with --paste.'),
  LOGIN_REJECTED: kind('auth', 3, 'Check the user name and the password, then run `lwi connect {provider}`.'),
  CLIENT_REJECTED: kind('auth', 3, 'Check the client id and secret of the app, then run `lwi connect {provider}`.'),
  GRANT_REJECTED: kind('auth', 3, 'Run `lwi connect {provider}` again.'),
  UNAUTHORIZED: kind('auth', 3, 'Run `lwi token inspect {provider}`, then `lwi connect {provider}`.'),

  BAD_REQUEST: kind('refused', 4, 'Correct the request; a repeat would be refused again.'),
  FORBIDDEN: kind('refused', 4, 'Check the permissions and scopes with `lwi token inspect {provider}`.'),
  NOT_FOUND: kind('refused', 4, 'Check the path and the id.'),
  CONFLICT: kind('refused', 4, 'Fetch the record again, merge and repeat.'),
  VALIDATION_FAILED: kind('refused', 4, 'Correct the data that the message names.'),
  PROVIDER_REFUSED: kind('refused', 4, 'Read the message of the provider; a repeat would be refused again.'),
  RECORDS_SET_ASIDE: kind('refused', 4, 'Read them with `lwi records list {provider} --set-aside`.'),

  RATE_LIMITED: kind('unavailable', 5, 'Wait as long as the message says and run the command again.', true),
  SERVER_ERROR: kind('unavailable', 5, 'The trouble is at the provider: run the command again later.', true),
  NETWORK: kind('unavailable', 5, 'Check the network and run the command again.', true),
  DNS: kind('unavailable', 5, 'Check the name of the host and the network, then run the command again.', true),
  TLS: kind(
    'unavailable',
    5,
    'Check the clock of this machine and any proxy; name a certificate authority of your own in NODE_EXTRA_CA_CERTS.',
  ),
  TIMEOUT: kind('unavailable', 5, 'Run the command again later.', true),
  BAD_RESPONSE: kind(
    'unavailable',
    5,
    'Run with -v to see the answer; a proxy or an outage page may be in the way.',
    true,
  ),
  CIRCUIT_OPEN: kind(
    'unavailable',
    5,
    'Wait until the circuit closes, or close it with `lwi limits {provider} --reset` once the provider is well again.',
    true,
  ),
  LEASE_BUSY: kind('unavailable', 5, 'Another process holds the lease: run the command again in a few seconds.', true),
  OUTPUT_CLOSED: kind(
    'unavailable',
    5,
    'See why the reader ended, then run the command again: it goes on where it was.',
    true,
  ),

  UNVERIFIED: kind('unverified', 6, 'Compare the secret, the body and the clock with what the reason says.'),

  STORE_LOCKED: kind('storage', 7, 'Another process holds the database: run the command again.', true),
  STORE_FULL: kind('storage', 7, 'Free space on the disk and run the command again.', true),
  STORE_DAMAGED: kind('storage', 7, 'Restore the database from a backup; nothing was overwritten.'),
  STORE_READONLY: kind('storage', 7, 'Make the directory and the database writable for this user.'),
  STORE_TOO_NEW: kind('storage', 7, 'Use the newer version of lwi that wrote this database.'),
  STORE_AWAY: kind('storage', 7, 'Start the database, or check the network to it, and run the command again.', true),
  STORE_REFUSED: kind('storage', 7, 'Check user, password and database in LWI_DATABASE_URL.'),
  STORE_OUTDATED: kind('storage', 7, 'Run `lwi store migrate` as a role that may change the schema.'),
  STORE_UNFINISHED: kind('storage', 7, 'Run the `lwi store copy` that was broken off again: it goes on.'),
  STORE_UNSAFE: kind('storage', 7, 'Install lwi again, so that it brings a current SQLite.'),
  KEY_MISSING: kind('storage', 7, 'Set LWI_ENCRYPTION_KEY or LWI_ENCRYPTION_KEY_FILE, or unlock the keychain.'),
  KEY_INVALID: kind('storage', 7, 'Make a key with `lwi key generate`; it is 32 bytes in base64.'),
  KEY_WRONG: kind('storage', 7, 'Give the key that sealed this database. Nothing was changed.'),
  VAULT_CORRUPT: kind('storage', 7, 'Restore the database from a backup, or run `lwi connect {provider}`.'),
  KEYCHAIN_UNAVAILABLE: kind(
    'storage',
    7,
    'Start or unlock the keychain (on Linux: install libsecret and a secret service), or set LWI_ENCRYPTION_KEY.',
  ),

  CHECK_FAILED: kind('check', 8, 'Read the failed lines.'),

  INTERRUPTED: kind('stopped', 130, 'Run the command again to go on.', true),
  TERMINATED: kind('stopped', 143, 'Run the command again to go on.', true),
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERROR_KINDS;

/** What an error may carry beside its message; all of it is safe to print. */
export interface ErrorFacts {
  readonly hint?: string | undefined;
  readonly provider?: string | undefined;
  readonly account?: string | undefined;
  /** HTTP status of the answer. */
  readonly statusCode?: number | undefined;
  /** The provider's own code, e.g. `3001` (QuickBooks) or `missing_scope` (Slack). */
  readonly providerCode?: string | undefined;
  readonly requestId?: string | undefined;
  readonly retryable?: boolean | undefined;
  /** Milliseconds after which a repeat makes sense. */
  readonly retryAfterMs?: number | undefined;
  /** The request never left this machine (connection refused, name not found), so that even an unsafe one may be repeated. */
  readonly unsent?: boolean | undefined;
  /** The provider's answer for `lwi api`, which shows it on stdout; never part of a message. */
  readonly answer?: unknown;
  readonly cause?: unknown;
}

/** What a command that is shown needs so that, run as it stands, it touches no other tenant: ` -a <account>`, or nothing. */
export function accountOption(account: string | undefined): string {
  return account === undefined || account === 'default' ? '' : ` -a ${account}`;
}

/** The one error type: a stable code, the facts of the case and the next command to run. Never carries a secret. */
export class LwiError extends Error {
  override readonly name = 'LwiError';
  readonly code: ErrorCode;
  readonly facts: ErrorFacts;

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.facts = facts;
  }

  get exitCode(): number {
    return ERROR_KINDS[this.code].exit;
  }

  get category(): Category {
    return ERROR_KINDS[this.code].category;
  }

  get retryable(): boolean {
    return this.facts.retryable ?? ERROR_KINDS[this.code].retryable;
  }

  get hint(): string {
    const { hint, provider = '<provider>', account } = this.facts;
    return (hint ?? ERROR_KINDS[this.code].remedy).replaceAll('{provider}', provider + accountOption(account));
  }

  /** The same error with another hint. */
  withHint(hint: string): LwiError {
    const error = new LwiError(this.code, this.message, { ...this.facts, hint });
    if (this.stack !== undefined) error.stack = this.stack;
    return error;
  }

  /** The error object of the command contract (`--json`); absent facts are left out. */
  toJSON(): Record<string, unknown> {
    const { provider, account, statusCode, providerCode, requestId, retryAfterMs } = this.facts;
    const all = {
      code: this.code,
      message: this.message,
      hint: this.hint,
      provider,
      account,
      statusCode,
      providerCode,
      requestId,
      retryable: this.retryable,
      retryAfterMs,
    };
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  }
}

/** Whether `error` is an LwiError, of one of `codes` if any are given. */
export function isLwiError<C extends ErrorCode = ErrorCode>(
  error: unknown,
  ...codes: readonly C[]
): error is LwiError & { readonly code: C } {
  return error instanceof LwiError && (codes.length === 0 || codes.some((code) => code === error.code));
}

/** Whether `error` is trouble of the store that passes by itself (a lock, a full disk), so that work that runs until it is stopped waits it out. */
export function isPassingStoreTrouble(error: unknown): error is LwiError {
  return error instanceof LwiError && error.category === 'storage' && error.retryable;
}
