import { LwiError } from '../../src/errors.ts';
import { lateProgress } from '../../src/late-progress.ts';
import type { RecordableContext } from '../shared/recordable.ts';
import { openAnswerOutput } from './answer-output.ts';
import type { ApiOptions } from './options.ts';
import { prepareCall } from './prepared-call.ts';
import { showOne } from './show-answer.ts';

/** Sends what the options say and shows the answer, or all pages of it; resolves to the exit code. Throws LwiError. */
export async function runApi(
  context: RecordableContext,
  options: ApiOptions,
  id: string,
  path: string,
): Promise<number> {
  if (options.slurp && !options.paginate) throw new LwiError('USAGE', '--slurp goes with --paginate.');
  if (options.slurp && options.include)
    throw new LwiError('USAGE', 'Give --slurp or -i: headers have no place in a JSON array.');
  const call = await prepareCall(context, options, id, path);
  if (options.paginate && !call.readOnly) {
    throw new LwiError(
      'USAGE',
      `--paginate is for requests that only read, and this ${call.request.method} may write.`,
      {
        ...{ provider: call.provider.id, hint: 'Give -X GET: fields then go into the query.' },
      },
    );
  }
  const output = await openAnswerOutput(context, options.output);
  const progress = lateProgress(context.terminal, context.meanwhile);
  const showing = { context, options, call, output, progress };
  try {
    // Each half is loaded on use: what is not needed costs every start.
    const show = options.paginate ? (await import('./show-pages.ts')).showPages : showOne;
    await show(showing);
    output.done();
    return 0;
  } finally {
    await progress.stop();
    output.drop();
  }
}
