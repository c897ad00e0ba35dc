import type { ErrorCode } from '../../../src/errors.ts';
import { connected, type Provocation, underWay } from './provocation.ts';

/** A sync that is stopped in the middle of its first request. */
function stopped(signal: NodeJS.Signals): Provocation {
  return async () => {
    const lwi = await connected();
    await lwi.control('faults?fault=hang:quickbooks/query');
    const run = async (words: readonly string[]) => {
      const running = lwi.start(words);
      await underWay(lwi);
      running.child.kill(signal);
      return running.ended;
    };
    const heal = async () => void (await lwi.control('faults'));
    return {
      lwi,
      words: ['sync', 'quickbooks', '--entity', 'items'],
      run,
      hint: /^Run the command again to go on\.$/,
      heal,
    };
  };
}

export const STOPPED_ERRORS = {
  INTERRUPTED: stopped('SIGINT'),
  TERMINATED: stopped('SIGTERM'),
} satisfies Partial<Record<ErrorCode, Provocation>>;
