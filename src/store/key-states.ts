import type { KeyState } from './store.ts';

/** Name of the row of `meta` with the id of the key in force. */
export const CLAIMED_KEY = 'vault_key_id';

/** Rows of key notes are named after it and the key id. */
export const KEY_NOTE = 'vault_key:';

/** From which states a key may be noted with the next one; see `KeyState`. */
const BEFORE: Readonly<Record<Exclude<KeyState, 'replaced'>, readonly (KeyState | undefined)[]>> = {
  made: [undefined, 'made', 'abandoned', 'replaced', 'gone'],
  abandoned: ['made', 'abandoned'],
  gone: ['abandoned', 'replaced'],
};

/** Whether a key that is not the claimed one may be noted with `next` after `state`; undefined: nothing is noted of it. */
export function mayBecome(state: KeyState | undefined, next: Exclude<KeyState, 'replaced'>): boolean {
  return BEFORE[next].includes(state);
}
