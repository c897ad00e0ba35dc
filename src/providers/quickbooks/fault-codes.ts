import type { ErrorCode } from '../../errors.ts';
import type { FaultCode } from '../provider.ts';

/** A code of Intuit's, or a range of them. */
export interface QuickbooksFaultCode extends FaultCode {
  readonly from: number;
  readonly to: number;
  /** Added to what Intuit says, where that does not help. */
  readonly advice?: string;
}

const row = (from: number, to: number, error: ErrorCode, meaning: string, advice?: string): QuickbooksFaultCode => ({
  ...{ code: Number.isFinite(to) ? (from === to ? String(from) : `${from}-${to}`) : `from ${from} on`, from, to },
  ...{ error, meaning },
  ...(advice === undefined ? {} : { advice }),
});
const one = (code: number, error: ErrorCode, meaning: string, advice?: string) =>
  row(code, code, error, meaning, advice);

/**
 * Codes with a meaning of their own, then the ranges. Source: developer.intuit.com, "handling common errors" and error codes;
 * singer-io/tap-quickbooks `tap_quickbooks/client.py`; ruckus/quickbooks-ruby `spec/fixtures`; 10100: intuit/oauth-jsclient #188; the ranges:
 * ej2/python-quickbooks `quickbooks/client.py`.
 */
export const faultCodes: readonly QuickbooksFaultCode[] = [
  one(
    120,
    'FORBIDDEN',
    'whoever connected the company may not use it any more',
    'the person who connected this company is no administrator of it any more: connect it as one who is',
  ),
  one(500, 'BAD_REQUEST', 'unsupported operation, or a body that is not UTF-8'),
  one(610, 'NOT_FOUND', 'no such record, or it refers to one that is gone or inactive'),
  one(2020, 'VALIDATION_FAILED', 'a needed parameter is missing'),
  one(2050, 'VALIDATION_FAILED', 'a text is too long'),
  one(2170, 'VALIDATION_FAILED', 'a value is none of those allowed'),
  one(2500, 'VALIDATION_FAILED', 'it refers to a record that does not exist or is inactive'),
  one(3001, 'RATE_LIMITED', 'throttled, under whatever status; lwi waits 60 s'),
  one(
    3100,
    'FORBIDDEN',
    'the app may not use this company',
    'the keys do not fit this company: development keys work only with sandbox companies, production keys only with real ones',
  ),
  one(3200, 'UNAUTHORIZED', 'the access token has expired or is not valid'),
  one(4001, 'BAD_REQUEST', 'the query is not valid'),
  one(
    5010,
    'CONFLICT',
    'stale SyncToken: somebody else has changed the record; lwi sends a sparse update of plain fields once more',
    'someone else has changed the record since it was fetched (stale SyncToken)',
  ),
  one(5020, 'FORBIDDEN', 'the subscription or the user has no access to this feature'),
  one(6000, 'VALIDATION_FAILED', 'a rule of the business is broken'),
  one(6140, 'VALIDATION_FAILED', 'the document number is taken'),
  one(6190, 'PROVIDER_REFUSED', 'the subscription of the company has ended'),
  one(6210, 'VALIDATION_FAILED', 'the accounting period is closed'),
  one(6240, 'VALIDATION_FAILED', 'the name is taken'),
  one(6540, 'VALIDATION_FAILED', 'the transaction has been deposited and cannot be changed'),
  one(10_100, 'BAD_REQUEST', 'the report or the list would be too large: ask for less'),
  row(1, 499, 'FORBIDDEN', 'authorization'),
  row(501, 599, 'BAD_REQUEST', 'unsupported'),
  row(600, 1999, 'BAD_REQUEST', 'general'),
  row(2000, 3999, 'VALIDATION_FAILED', 'validation'),
  row(4000, 4999, 'BAD_REQUEST', 'the query'),
  row(5000, 9999, 'VALIDATION_FAILED', 'rules of the business'),
  row(10_000, Number.POSITIVE_INFINITY, 'SERVER_ERROR', 'trouble inside QuickBooks'),
];

/** The row of a code without leading zeros; undefined for what is no code, and for 0. */
export function rowOfFaultCode(code: string | undefined): QuickbooksFaultCode | undefined {
  if (!code || !/^\d+$/.test(code)) return undefined;
  const number = Number(code);
  return faultCodes.find(({ from, to }) => from <= number && number <= to);
}

/** Whether a row speaks of one code and not of a range. */
export function isExact({ from, to }: QuickbooksFaultCode): boolean {
  return from === to;
}
