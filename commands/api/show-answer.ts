import { isLwiError } from '../../src/errors.ts';
import { type HttpResponse, isHttpResponse } from '../../src/http/http.ts';
import type { LateProgress } from '../../src/late-progress.ts';
import type { RecordableContext } from '../shared/recordable.ts';
import { type AnswerOutput, openAnswerOutput } from './answer-output.ts';
import type { ApiOptions } from './options.ts';
import type { PreparedCall } from './prepared-call.ts';

/** A call and all that its answers are shown with. */
export interface Showing {
  readonly context: RecordableContext;
  readonly options: ApiOptions;
  readonly call: PreparedCall;
  readonly output: AnswerOutput;
  readonly progress: LateProgress;
}

/** Sends the one request and shows its answer. Throws what sending throws; the body of a refusal is shown before. */
export async function showOne(showing: Showing): Promise<void> {
  const { call, progress, output, options } = showing;
  progress.update(`${call.provider.title}: waiting for the answer`);
  try {
    const answer = await call.send(call.request);
    await progress.stop();
    showAnswer(output, answer, options, false);
  } catch (error) {
    await progress.stop();
    await showRefusal(showing, error);
    throw error;
  }
}

/** Status and headers if they are wanted, and the body; `line`: it ends with a line break. */
export function showAnswer(output: AnswerOutput, answer: HttpResponse, options: ApiOptions, line: boolean): void {
  if (options.include) output.head(answer);
  output.body(answer.body, line);
}

/** The body of a refusal is what the person asked to see: on stdout, also where a file was asked for, which it must not replace. */
export async function showRefusal({ context, options }: Showing, error: unknown): Promise<void> {
  if (!isLwiError(error) || !isHttpResponse(error.facts.answer)) return;
  try {
    showAnswer(await openAnswerOutput(context, undefined), error.facts.answer, options, false);
  } catch (unshown) {
    // That it is binary is of less weight than the refusal itself.
    if (!isLwiError(unshown, 'USAGE')) throw unshown;
  }
}
