import { boundedText } from '../../bounded-text.ts';
import { type ErrorCode, LwiError } from '../../errors.ts';
import { plainText } from '../../printable.ts';
import { tlsHint } from '../../tls-trouble.ts';

interface Meaning {
  readonly code: ErrorCode;
  readonly why: string;
  readonly hint?: string;
  /** What the server says goes beyond what is said here, and names nothing but user, database and address. */
  readonly quoted?: true;
}

const away: Meaning = { code: 'STORE_AWAY', why: 'the database does not answer' };
const busy: Meaning = {
  ...{ code: 'STORE_AWAY', why: 'the database takes no more connections', quoted: true },
  hint: 'Run the command again later; `lwi store status` shows who is connected, and `pool_size` in the URL and `max_connections` of the server are to fit.',
};
const standby: Meaning = {
  ...{ code: 'STORE_AWAY', why: 'the database takes no changes: it is a standby, or its transactions are read-only' },
  hint: 'Name the server in charge in LWI_DATABASE_URL, or wait until the fail-over is done.',
};
const refused: Meaning = { code: 'STORE_REFUSED', why: 'the database does not let lwi in', quoted: true };
const pooled: Meaning = {
  ...{ code: 'STORE_REFUSED', why: 'what answers does not take the settings of a session', quoted: true },
  hint: 'Name the server itself in LWI_DATABASE_URL, not a pooler such as PgBouncer: lwi needs sessions of its own.',
};
const uncertain: Meaning = {
  ...{ code: 'STORE_REFUSED', why: 'nobody vouches that the database is the one that is meant' },
  hint: 'Name the certificate of its authority by `sslrootcert` in LWI_DATABASE_URL, and the host as the certificate has it.',
};
const plain: Meaning = {
  ...{ code: 'STORE_REFUSED', why: 'the database does not speak TLS' },
  hint: 'Turn TLS on there (`ssl = on`), or, in a network that nobody else is in, write `sslmode=disable` into LWI_DATABASE_URL.',
};
const locked: Meaning = {
  ...{ code: 'STORE_LOCKED', why: 'another session of the database holds what is needed' },
  hint: 'Run the command again; if it stays, `lwi store status` shows which sessions wait and which hold them up.',
};
const slow: Meaning = {
  ...{ code: 'STORE_LOCKED', why: 'the database needs longer for a statement than it may take' },
  hint: 'Run the command again when the server has less to do; if it stays, write a larger `statement_timeout` (ms) into LWI_DATABASE_URL.',
};
const cancelled: Meaning = {
  ...{ code: 'STORE_LOCKED', why: 'somebody has cancelled the statement, or the server is recovering' },
  hint: 'Run the command again.',
};
/** An index takes keys of 2.7 kB, and a text no NUL; what is long or odd is set aside before, so that this is not met. */
const unfit: Meaning = {
  ...{ code: 'INPUT_INVALID', why: 'PostgreSQL cannot hold a value that came', quoted: true },
  hint: 'Nothing of it was stored. A text with a NUL and a key that is too long are such values: take it out where it comes from, or use SQLite.',
};
const defective: Meaning = {
  ...{ code: 'STORE_REFUSED', why: 'the database, or what stands before it, reports trouble of its own', quoted: true },
  hint: 'Look into the log of the server, and of the pooler if LWI_DATABASE_URL names one.',
};
const full: Meaning = { code: 'STORE_FULL', why: 'the disk of the database is full or failing' };
const damaged: Meaning = { code: 'STORE_DAMAGED', why: 'the database is damaged' };
const readonly: Meaning = {
  ...{ code: 'STORE_READONLY', why: 'this role may not do that', quoted: true },
  hint: 'As the role that owns the schema, run `lwi store migrate --grant-to <role>`.',
};

/**
 * SQLSTATEs, or their classes of two characters (https://www.postgresql.org/docs/current/errcodes-appendix.html), and errno names of the network. What is
 * absent is a defect of lwi and passes through as it is.
 */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  '08': away,
  // Prepared statements are gone, or another's, where a pooler changes sessions between transactions.
  '26000': pooled,
  '42P05': pooled,
  '57P01': away,
  '57P02': away,
  '57P03': away,
  '57P05': away,
  '53300': busy,
  '53200': away,
  '25P03': away,
  ECONNREFUSED: away,
  ECONNRESET: away,
  EPIPE: away,
  ETIMEDOUT: away,
  EHOSTUNREACH: away,
  ENETUNREACH: away,
  EAI_AGAIN: away,
  ENOTFOUND: away,
  ENOENT: away,
  EACCES: { ...refused, why: 'this user may not use the socket' },
  '28': refused,
  '3D': refused,
  '55P03': locked,
  '40': locked,
  '53100': full,
  '58030': full,
  '22021': unfit,
  '22P02': unfit,
  '22P05': unfit,
  '54000': unfit,
  XX: defective,
  XX001: damaged,
  XX002: damaged,
  '42501': readonly,
  '25006': standby,
};

/** query_canceled, for one of several reasons, which only its text tells (https://github.com/postgres/postgres/blob/master/src/backend/tcop/postgres.c). */
const CANCELED = '57014';

/** `pg` has no code for these. */
const LOST =
  /Connection terminated|error establishing an SSL connection|timeout expired|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed/;
const NO_TLS = /does not support SSL connections/;

/** Longest text of a server that is told, characters. */
const LONGEST_QUOTE = 200;

/** Says what an error of the server, the driver or the network means for the person: an LwiError of the storage category that names `place`. Anything else comes back unchanged. */
export function storeError(error: unknown, place: string): unknown {
  if (!(error instanceof Error) || error instanceof LwiError) return error;
  const name = codeOf(error);
  const meaning = meaningOf(name, error.message);
  if (meaning === undefined) return error;
  const said = meaning.quoted ? `: ${boundedText(plainText(error.message), LONGEST_QUOTE)}` : '';
  const message = `${place}: ${meaning.why}${said}${name ? ` (${name})` : ''}`;
  return new LwiError(meaning.code, message, { cause: error, ...(meaning.hint ? { hint: meaning.hint } : {}) });
}

function meaningOf(name: string, message: string): Meaning | undefined {
  if (name === '08P01') return /startup parameter/.test(message) ? pooled : undefined;
  if (name === CANCELED)
    return /statement timeout/.test(message) ? slow : /lock timeout/.test(message) ? locked : cancelled;
  // What the person wrote into `options`.
  if (/^(42704|22023)$/.test(name) && /configuration parameter|invalid value for parameter/.test(message))
    return refused;
  const known = MEANINGS[name] ?? (/^[0-9A-Z]{5}$/.test(name) ? MEANINGS[name.slice(0, 2)] : undefined);
  if (known) return known;
  if (NO_TLS.test(message)) return plain;
  if (LOST.test(message)) return away;
  return tlsHint(name) ? uncertain : undefined;
}

/** Whether `error`, as the driver gives it, says that the connection is gone: what was asked last may have been done or not. */
export function isConnectionLost(error: unknown): boolean {
  const known = storeError(error, '');
  return known instanceof LwiError && known.code === 'STORE_AWAY';
}

/** Whether `error`, as the driver gives it, says that a statement was given up because it took too long: it would the next time. */
export function isTooSlow(error: unknown): boolean {
  return error instanceof Error && meaningOf(codeOf(error), error.message) === slow;
}

/** Whether a transaction was given up for another one and would do if it were begun again: serialization_failure, deadlock_detected. */
export function isSerializationTrouble(error: unknown): boolean {
  return error instanceof Error && ['40001', '40P01'].includes(codeOf(error));
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
