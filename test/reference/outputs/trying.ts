import { document, lines, list, ms, type Output, object, text, whole, word } from './words.ts';

/** Commands to try things with. */
export const TRYING_OUTPUTS: Readonly<Record<string, readonly Output[]>> = {
  demo: [
    document(
      'at the end',
      object({
        steps: list(object({ command: text('as it was run'), code: whole('its exit code') }), 'every step'),
        durationMs: ms('of all'),
      }),
    ),
  ],
  completion: [document('always', object({ shell: text('the shell'), script: text('what the shell is to run') }))],
  mock: [lines('one line', object({ type: word('ready', 'kind of the line'), url: text('where it listens') }))],
};
