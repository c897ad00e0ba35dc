/** One environment variable that lwi obeys, for the reference in `docs/`. */
export interface EnvironmentVariable {
  /** `<PROVIDER>` stands for the provider's id in capitals, with `_` for `-`. */
  readonly name: string;
  readonly group: VariableGroup;
  readonly does: string;
  /** The package that reads it, where lwi's own code does not. */
  readonly readBy?: string;
}

export type VariableGroup = 'Choice' | 'Key' | 'Provider' | 'Terminal' | 'Places' | 'Network' | 'Exec';

/** What each group is about, in the order of the reference. */
export const VARIABLE_GROUPS: Readonly<Record<VariableGroup, string>> = {
  Choice: 'What a command works on. A flag goes before the variable, the variable before the config file.',
  Key: 'The key that seals the tokens. A variable that is set is obeyed, also when it is empty; setting both is an error. With neither, the key is in the keychain of the system.',
  Provider:
    'Credentials of a provider, for example `LWI_QUICKBOOKS_CLIENT_ID`. They go before what the vault keeps; an empty one counts as absent.',
  Terminal: 'Colours, progress, questions and the browser.',
  Places:
    'Where files are, unless `LWI_HOME` says it. Relative XDG paths are passed over, as that specification wants.',
  Network: 'The way out.',
  Exec: 'Not read: set for the command of `lwi exec`.',
};

/** Every variable that is read. `test/reference` compares the names with the code, both ways. */
export const ENVIRONMENT_VARIABLES: readonly EnvironmentVariable[] = [
  { name: 'LWI_ACCOUNT', group: 'Choice', does: 'Account (tenant), like `--account`. Default `default`.' },
  {
    name: 'LWI_ENV',
    group: 'Choice',
    does: 'Environment of the provider, like `--env`: `production`, `sandbox` or `mock`. Default `production`.',
  },
  {
    name: 'LWI_HOME',
    group: 'Choice',
    does: 'One directory for config, database and cache, like `--home`. An empty one is refused.',
  },
  {
    name: 'LWI_MOCK_URL',
    group: 'Choice',
    does: 'Where `--env mock` finds the mock. Default `http://127.0.0.1:4680`.',
  },
  {
    name: 'LWI_DATABASE_URL',
    group: 'Choice',
    does: 'Keeps everything in a PostgreSQL database, `postgres://user@host:5432/database`, instead of the file, for many machines. It goes before `database` in the config; an empty one is refused.',
  },

  {
    name: 'LWI_ENCRYPTION_KEY',
    group: 'Key',
    does: 'The key itself: 32 bytes in base64, as `lwi key generate` prints them.',
  },
  {
    name: 'LWI_ENCRYPTION_KEY_FILE',
    group: 'Key',
    does: 'A file that holds the key on one line. Refused when others than its owner have access to it.',
  },
  {
    name: 'LWI_NEW_ENCRYPTION_KEY',
    group: 'Key',
    does: 'The next key, for `lwi key rotate` alone, where the key is not made in the keychain.',
  },
  {
    name: 'LWI_NEW_ENCRYPTION_KEY_FILE',
    group: 'Key',
    does: 'A file that holds the next key, for `lwi key rotate` alone.',
  },
  {
    name: 'LWI_KEY_PASSPHRASE',
    group: 'Key',
    does: 'Passphrase of a backup, for `lwi key export` and `lwi key import`.',
  },

  {
    name: 'LWI_<PROVIDER>_CLIENT_ID',
    group: 'Provider',
    does: "Client id of your app, for `connect` and for each refresh. Where it is set, the secret must be known too (here or in the vault), unless the provider's clients are public.",
  },
  {
    name: 'LWI_<PROVIDER>_CLIENT_SECRET',
    group: 'Provider',
    does: 'Client secret of your app. Alone, without an id, it is a new secret of the app that the connection was made with.',
  },
  { name: 'LWI_<PROVIDER>_USERNAME', group: 'Provider', does: 'User name for a password grant.' },
  { name: 'LWI_<PROVIDER>_PASSWORD', group: 'Provider', does: 'Password for a password grant.' },
  { name: 'LWI_<PROVIDER>_TOKEN', group: 'Provider', does: 'A token made elsewhere, for `connect --with-token`.' },
  {
    name: 'LWI_<PROVIDER>_REDIRECT_URI',
    group: 'Provider',
    does: 'Redirect URI registered for your app, like `connect --redirect-uri`.',
  },
  {
    name: 'LWI_<PROVIDER>_WEBHOOK_SECRET',
    group: 'Provider',
    does: 'Secret that signs webhooks. Several, one a line, while it is being replaced.',
  },
  {
    name: 'LWI_WEBHOOK_SECRET',
    group: 'Provider',
    does: 'The same for `webhook verify --scheme`, where no provider is named.',
  },

  { name: 'CI', group: 'Terminal', does: 'Set to anything: nothing is asked and nothing moves.' },
  {
    name: 'GITHUB_ACTIONS',
    group: 'Terminal',
    does: '`true`: `lwi smoke` annotates its failures, and adds a table to the file that `GITHUB_STEP_SUMMARY` names.',
  },
  { name: 'GITHUB_STEP_SUMMARY', group: 'Terminal', does: 'See `GITHUB_ACTIONS`.' },
  { name: 'NO_COLOR', group: 'Terminal', does: 'Set to anything: no colours (https://no-color.org).' },
  {
    name: 'FORCE_COLOR',
    group: 'Terminal',
    does: 'Colours also where there is no terminal; `0`: none. `NO_COLOR` goes before it.',
  },
  { name: 'TERM', group: 'Terminal', does: '`dumb`: no colours, nothing moves.' },
  {
    name: 'SSH_CONNECTION',
    group: 'Terminal',
    does: 'Set to anything: no browser is opened unless `BROWSER` names one, and `connect` offers to take a pasted address.',
  },
  { name: 'SSH_TTY', group: 'Terminal', does: 'The same.' },
  {
    name: 'DISPLAY',
    group: 'Terminal',
    does: 'On Linux, a browser is opened only where this, `WAYLAND_DISPLAY` or `BROWSER` is set.',
  },
  { name: 'WAYLAND_DISPLAY', group: 'Terminal', does: 'See `DISPLAY`.' },
  {
    name: 'BROWSER',
    group: 'Terminal',
    does: 'Commands that open an address, separated as in `PATH`; `%s` stands for the address. Also used over SSH.',
  },

  { name: 'XDG_CONFIG_HOME', group: 'Places', does: 'Linux: `lwi/config.json` is below it. Default `~/.config`.' },
  { name: 'XDG_DATA_HOME', group: 'Places', does: 'Linux: `lwi/lwi.db` is below it. Default `~/.local/share`.' },
  {
    name: 'XDG_CACHE_HOME',
    group: 'Places',
    does: 'Linux: the cache of compiled code is below it. Default `~/.cache`.',
  },
  { name: 'APPDATA', group: 'Places', does: 'Windows: the config is below it.' },
  { name: 'LOCALAPPDATA', group: 'Places', does: 'Windows: database and cache are below it.' },

  { name: 'HTTPS_PROXY', group: 'Network', does: 'Proxy for https requests.', readBy: 'undici' },
  { name: 'HTTP_PROXY', group: 'Network', does: 'Proxy for http requests.', readBy: 'undici' },
  {
    name: 'NO_PROXY',
    group: 'Network',
    does: 'Hosts that are reached without a proxy, besides this machine itself.',
    readBy: 'undici',
  },
  {
    name: 'NODE_EXTRA_CA_CERTS',
    group: 'Network',
    does: 'A file of certificate authorities that are trusted beside the usual ones.',
    readBy: 'Node',
  },
  {
    name: 'PGPASSWORD',
    group: 'Network',
    does: 'Password of the PostgreSQL database, where `LWI_DATABASE_URL` has none.',
  },
  {
    name: 'PGPASSFILE',
    group: 'Network',
    does: 'File of passwords, used after `PGPASSWORD`. Default `~/.pgpass`. Refused when others than its owner have access to it.',
  },
  {
    name: 'PGHOST',
    group: 'Network',
    does: 'Not obeyed. `PGHOST`, `PGPORT`, `PGUSER` and `PGDATABASE` are refused where they are set and `LWI_DATABASE_URL` leaves out what they name.',
  },
  { name: 'PGPORT', group: 'Network', does: 'See `PGHOST`.' },
  { name: 'PGUSER', group: 'Network', does: 'See `PGHOST`.' },
  { name: 'PGDATABASE', group: 'Network', does: 'See `PGHOST`.' },

  { name: 'LWI_ACCESS_TOKEN', group: 'Exec', does: 'The access token, refreshed first if it is due.' },
  { name: 'LWI_BASE_URL', group: 'Exec', does: 'Where the API of the connection is, without a slash at the end.' },
  { name: 'LWI_EXTERNAL_ID', group: 'Exec', does: 'The company at the provider, where there is one.' },
];
