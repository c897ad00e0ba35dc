import type { Category, ErrorCode } from '../../src/errors.ts';

/** What a script may conclude from each category. */
export const CATEGORY_MEANINGS: Readonly<Record<Category, string>> = {
  defect: 'A defect in lwi itself',
  usage: 'Usage, configuration or an input file is wrong',
  auth: 'Not connected, or the provider no longer accepts the credentials: connect again',
  refused: 'The provider refused the request, and a retry would not help',
  unavailable: 'The provider is out of reach or throttling, and the retries are spent: try later',
  unverified: 'A webhook did not verify',
  storage: 'Storage or key',
  check: 'A check failed',
  stopped: 'Stopped by a signal',
};

/** What has happened when an error has this code; the message of the error says it of the case. */
export const ERROR_MEANINGS: Readonly<Record<ErrorCode, string>> = {
  INTERNAL: 'Something happened that lwi does not expect.',

  USAGE: 'The command line names something that does not exist, lacks something, or contradicts itself.',
  CONFIG_INVALID: 'The config file or a provider definition does not parse, or does not fit its schema.',
  INPUT_INVALID: 'A file, stdin or an argument does not hold what the command needs.',
  INPUT_NEEDED: 'The command has to ask, and nobody can be asked: no terminal, or `--no-input`.',
  PROVIDER_UNKNOWN: 'There is no provider of that name, built in or in the config.',
  CREDENTIALS_MISSING:
    'Neither the environment nor the vault has the client id, the secret or the login that is needed.',
  REDIRECT_UNUSABLE: 'The provider takes no loopback redirect here, or the one that was given cannot be used.',
  ACCOUNT_MISMATCH: 'The browser came back with another company than the one connected before.',
  PORT_IN_USE: 'Another program listens on the port, or the port is reserved.',
  NOT_RECORDED: 'The recording that is replayed has no such request.',
  UNSUPPORTED: 'The provider does not have what was asked for.',

  NOT_CONNECTED: 'The account has no connection to the provider, or not in this environment.',
  RECONNECT_REQUIRED: 'The provider has ended the connection: its refresh token is used up, expired or revoked.',
  CONSENT_REFUSED: 'The person in the browser did not approve.',
  CONNECT_TIMEOUT: 'Nobody approved within the time.',
  LOGIN_REJECTED: 'The provider does not accept the user name and the password.',
  CLIENT_REJECTED: 'The provider does not accept the client id and the secret of the app.',
  GRANT_REJECTED: 'The provider does not accept the authorization or the token that it was given.',
  UNAUTHORIZED: 'The API does not accept the access token, not after a refresh either.',

  BAD_REQUEST: 'The provider cannot make sense of the request.',
  FORBIDDEN: 'The token may not do this: a scope, a role or a feature of the plan is missing.',
  NOT_FOUND: 'There is no such path or record, at the provider or in the local store.',
  CONFLICT: 'Somebody else has changed or locked the record meanwhile.',
  VALIDATION_FAILED: 'The provider does not take the data.',
  PROVIDER_REFUSED: 'The provider refused for a reason of its own.',
  RECORDS_SET_ASIDE: 'A sync stored everything but some rows, which could not be read.',

  RATE_LIMITED: 'The provider asks to send less, and waiting would have taken longer than the call may.',
  SERVER_ERROR: 'The provider, or a gateway before it, failed.',
  NETWORK: 'No connection could be made, or it broke off.',
  DNS: 'The name of the host cannot be resolved.',
  TLS: 'The certificate of the other side does not hold, or it speaks no TLS.',
  TIMEOUT: 'No answer came, or no end of it, within the time.',
  BAD_RESPONSE: 'The answer is not what was asked for: no JSON, cut off, too large, or pages that go in a circle.',
  CIRCUIT_OPEN: 'The provider has failed so often that nothing is sent to it for a while.',
  LEASE_BUSY: 'Another process refreshes, syncs or changes the same thing, and did not end within the wait.',
  OUTPUT_CLOSED: 'Whoever was reading stdout has ended before everything was written.',

  UNVERIFIED: 'A webhook did not verify.',

  STORE_LOCKED: 'Another process has held the database for too long.',
  STORE_FULL: 'The disk is full.',
  STORE_DAMAGED: 'The database file is damaged, or is no database.',
  STORE_READONLY: 'The database or its directory cannot be written or opened.',
  STORE_TOO_NEW: 'A newer version of lwi has written the database.',
  STORE_AWAY: 'The PostgreSQL server cannot be reached, is starting or stopping, or takes no more connections.',
  STORE_REFUSED: 'The PostgreSQL server does not accept the user or the password, or has no such database.',
  STORE_OUTDATED:
    'The schema of the PostgreSQL database is older than this version of lwi, and its role may not change it.',
  STORE_UNFINISHED: 'A `lwi store copy` into the database was broken off, or is under way, or found a difference.',
  STORE_UNSAFE: 'The SQLite in use has a known defect that loses data.',
  KEY_MISSING: 'There is no key where lwi looks for it.',
  KEY_INVALID: 'What is given as the key is no key, or others have access to its file.',
  KEY_WRONG: 'The key that was given is not the one that the database is sealed with.',
  VAULT_CORRUPT: 'Something sealed was altered, or belongs to another place.',
  KEYCHAIN_UNAVAILABLE: 'The keychain of the system is not there, is locked, or does not answer within its time.',

  CHECK_FAILED: 'At least one check of the command failed.',

  INTERRUPTED: 'Ctrl-C, or SIGINT from elsewhere.',
  TERMINATED: 'SIGTERM or SIGHUP.',
};
