import * as w from './words.ts';

/** Commands to try things with. */
export const TRYING_OUTPUTS: Readonly<Record<string, readonly w.Output[]>> = {
  demo: [
    w.document(
      'at the end',
      w.object({
        steps: w.list(w.object({ command: w.text('as it was run'), code: w.whole('its exit code') }), 'every step'),
        durationMs: w.ms('of all'),
      }),
    ),
  ],
  completion: [
    w.document('always', w.object({ shell: w.text('the shell'), script: w.text('what the shell is to run') })),
  ],
  mock: [w.lines('one line', w.object({ type: w.word('ready', 'kind of the line'), url: w.text('where it listens') }))],
};
