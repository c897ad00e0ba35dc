import { LwiError } from '../../src/errors.ts';
import { bodyJson, type HttpResponse } from '../../src/http/http.ts';
import { followPages } from './follow-pages.ts';
import { type Showing, showAnswer, showRefusal } from './show-answer.ts';

/**
 * Shows all pages, each one before the next is asked for: as documents one behind the other, or with `--slurp` as one array. Where it ends early, what
 * came before stays and stderr says how much that is. Throws what sending throws, and BAD_RESPONSE when the pages cannot be followed.
 */
export async function showPages(showing: Showing): Promise<void> {
  const { context, options, call, output, progress } = showing;
  const { terminal, host, signal } = context;
  const { title } = call.provider;
  const onScreen = host.stdout.isTTY && options.output === undefined;
  let pages = 0;
  progress.update(`${title}: waiting for the answer`);
  try {
    for await (const { answer, unpaged } of followPages(call, signal)) {
      if (onScreen) await progress.hide();
      if (options.slurp) showElement(showing, answer, pages === 0);
      else showAnswer(output, answer, options, true);
      pages += 1;
      if (unpaged) terminal.info(`note: no paging is known for this request to ${title}: this is one page.`);
      // Nobody reads any more, so nobody wants the rest.
      if (host.stdout.gone) return;
      progress.update(`${title}: ${counted(pages)}, waiting for the next`);
    }
    if (options.slurp) output.text(']\n');
  } catch (error) {
    await progress.stop();
    if (pages === 0) await showRefusal(showing, error);
    else terminal.warn(`${counted(pages)} came before this, and the rest is missing${leftAlone(options.output)}.`);
    throw error;
  }
}

function showElement({ output, call }: Showing, answer: HttpResponse, first: boolean): void {
  if (bodyJson(answer) === undefined) {
    const { id, title } = call.provider;
    throw new LwiError('BAD_RESPONSE', `A page of ${title} is no JSON, so that --slurp cannot take it.`, {
      ...{ provider: id, statusCode: answer.status, retryable: false, hint: 'Run the command without --slurp.' },
    });
  }
  output.text(first ? '[' : ',');
  output.body(answer.body, false);
}

function counted(pages: number): string {
  return pages === 1 ? '1 page' : `${pages} pages`;
}

function leftAlone(file: string | undefined): string {
  return file === undefined || file === '-' ? '' : `; ${file} is as it was`;
}
