import type { Context } from '../../src/context.ts';
import type { LwiError } from '../../src/errors.ts';
import { waitedOut } from './waited-out.ts';

interface Health {
  trouble(error: LwiError, at: number): void;
  well(): void;
}

/** Keeps the health of a process informed of trouble with its store, and tells people of a database that is away and of its return, once for each absence. */
export function storeTrouble({ terminal, clock }: Pick<Context, 'terminal' | 'clock'>, health: Health) {
  let away = false;

  /** What is told where it was met. */
  function toldTrouble(error: LwiError): void {
    health.trouble(error, clock.now());
    if (error.code === 'STORE_AWAY') away = true;
  }

  return {
    toldTrouble,

    trouble(error: LwiError): void {
      if (error.code === 'STORE_AWAY' && !away) terminal.warn(waitedOut(error));
      toldTrouble(error);
    },

    /** The store has done what it was asked. */
    well(): void {
      health.well();
      if (!away) return;
      away = false;
      const note = 'the database answers again';
      if (terminal.json) terminal.say(JSON.stringify({ note }));
      else terminal.info(note);
    },
  };
}
