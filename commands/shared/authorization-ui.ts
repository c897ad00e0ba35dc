import type { Context } from '../../src/context.ts';
import type { AuthorizationUi } from '../../src/oauth/browser-authorization.ts';
import type { RedirectPlan } from '../../src/oauth/redirect.ts';
import { browserHere, isRemote } from './browser-here.ts';

export interface UiOptions {
  /** False for --no-browser. */
  readonly browser: boolean;
  readonly paste?: boolean | undefined;
}

/**
 * How this terminal takes part in an authorization: the URL is always printed on stderr; a browser is opened where there is one
 * (over SSH that is one that `BROWSER` names, such as an editor's that opens at the other end). Pasting is offered where the browser
 * may be on another machine or did not start, and read from stdin where no person can be asked.
 */
export function authorizationUi(context: Context, plan: RedirectPlan, options: UiOptions): AuthorizationUi {
  const { terminal, host, prompt } = context;
  const canOpen = browserHere(host, options);
  const person = prompt.canAsk;
  const unopened = Promise.withResolvers<void>();
  if (options.paste || !canOpen || isRemote(host) || plan.relayed) unopened.resolve();
  return {
    listen: options.paste !== true,
    env: async () => (await context.env()).env,
    present: async (url) => {
      terminal.say(`Open this address in a browser and approve:\n\n  ${url.href}\n`);
      if (plan.relayed) terminal.info(`The provider will send the browser to ${plan.uri.origin}${plan.uri.pathname}.`);
      if (canOpen) {
        const { openBrowser } = await import('../../src/browser.ts');
        await openBrowser(url, host.env['BROWSER'], () => {
          terminal.info('No browser could be started here.');
          unopened.resolve();
        });
      }
      if (!options.paste) terminal.info('Waiting for the answer…');
    },
    misread: person ? (why) => terminal.warn(why) : undefined,
    paste:
      person || options.paste
        ? async (signal) => {
            await unopened.promise;
            signal.throwIfAborted();
            if (!person) return readLine(host.stdin, signal);
            const answeredBy = '--paste with the address on stdin';
            return prompt.text('Paste the address that the browser ended at:', answeredBy, signal);
          }
        : undefined,
  };
}

/** The first line of a pipe; longer than any redirect is too long. */
async function readLine(stdin: NodeJS.ReadStream, signal: AbortSignal): Promise<string> {
  let text = '';
  const stop = () => void stdin.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of stdin) {
      text += String(chunk);
      if (text.includes('\n') || text.length > 16_384) break;
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
  signal.throwIfAborted();
  return text.split('\n', 1)[0] ?? '';
}
