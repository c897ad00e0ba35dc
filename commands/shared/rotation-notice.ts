import { connectCommand } from '../../src/oauth/connect-command.ts';
import type { ConnectionRow } from '../../src/store/store.ts';
import { iso, when } from './when.ts';

/** A refresh that has lasted longer has ended without a word, ms: its lease is given up after 15 s, its request after less than a minute. */
const LONGEST_REFRESH_MS = 60_000;

/** A heading and a sentence about a refresh that was begun and of which no end is known: who, when, what it means and what happens next. */
export function rotationNotice(row: ConnectionRow, now: number): [heading: string, sentence: string] | undefined {
  const { rotation } = row;
  if (!rotation) return undefined;
  const { owner, startedAt } = rotation;
  const begun = `${when(startedAt, now)} (${iso(startedAt)}) by ${owner}`;
  if (Math.abs(now - startedAt) < LONGEST_REFRESH_MS) return ['refresh under way', `begun ${begun}`];
  const meaning = 'It was killed or its answer was lost, so the provider may have used up the refresh token';
  const next = `The next refresh tries it all the same: if it is accepted nothing was lost, if it is refused run ${connectCommand(row)}`;
  return ['unfinished refresh', `begun ${begun}. ${meaning}. ${next}.`];
}
