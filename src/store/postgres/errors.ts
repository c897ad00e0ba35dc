import { type ErrorCode, LwiError } from '../../errors.ts';

interface Meaning {
  readonly code: ErrorCode;
  readonly why: string;
}

const away: Meaning = { code: 'STORE_AWAY', why: 'the database does not answer' };
const refused: Meaning = { code: 'STORE_REFUSED', why: 'the database does not let lwi in' };
const locked: Meaning = { code: 'STORE_LOCKED', why: 'another session of the database holds what is needed' };
const full: Meaning = { code: 'STORE_FULL', why: 'the disk of the database is full or failing' };
const damaged: Meaning = { code: 'STORE_DAMAGED', why: 'the database is damaged' };
const readonly: Meaning = { code: 'STORE_READONLY', why: 'the database cannot be written by this role' };

/**
 * SQLSTATEs, or their classes of two characters (https://www.postgresql.org/docs/current/errcodes-appendix.html), and errno names of the network. What is
 * absent is a defect of lwi and passes through as it is.
 */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  '08': away,
  '57P01': away,
  '57P02': away,
  '57P03': away,
  '57P05': away,
  '53300': away,
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
  '28': refused,
  '3D': refused,
  '55P03': locked,
  '57014': locked,
  '40': locked,
  '53100': full,
  '58030': full,
  XX: damaged,
  '42501': readonly,
  '25006': readonly,
};

/** `pg` has no code for these. */
const LOST =
  /Connection terminated|timeout expired|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed/;

/** Says what an error of the server, the driver or the network means for the person: an LwiError of the storage category that names `place`. Anything else comes back unchanged. */
export function storeError(error: unknown, place: string): unknown {
  if (!(error instanceof Error) || error instanceof LwiError) return error;
  const name = codeOf(error);
  const meaning = MEANINGS[name] ?? MEANINGS[name.slice(0, 2)] ?? (LOST.test(error.message) ? away : undefined);
  if (meaning === undefined) return error;
  return new LwiError(meaning.code, `${place}: ${meaning.why}${name ? ` (${name})` : ''}`, { cause: error });
}

/** Whether `error`, as the driver gives it, says that the connection is gone: what was asked last may have been done or not. */
export function isConnectionLost(error: unknown): boolean {
  const known = storeError(error, '');
  return known instanceof LwiError && known.code === 'STORE_AWAY';
}

/** Whether a transaction was given up for another one and would do if it were begun again: serialization_failure, deadlock_detected. */
export function isSerializationTrouble(error: unknown): boolean {
  return error instanceof Error && ['40001', '40P01'].includes(codeOf(error));
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
