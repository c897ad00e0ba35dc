import type { Context } from '../../src/context.ts';
import type { AuthorizationUi } from '../../src/oauth/browser-authorization.ts';
import type { RedirectPlan } from '../../src/oauth/redirect.ts';

export interface UiOptions {
  /** False for --no-browser. */
  readonly browser: boolean;
  readonly paste?: boolean | undefined;
}

/**
 * How this terminal takes part in an authorization: the URL is always printed on stderr; a browser is opened unless that was refused or there is none here (SSH);
 * pasting is offered where the browser may be on another machine, and read from stdin where no person can be asked.
 */
export function authorizationUi(context: Context, plan: RedirectPlan, options: UiOptions): AuthorizationUi {
  const { terminal, host, prompt } = context;
  const remote = Boolean(host.env['SSH_CONNECTION'] || host.env['SSH_TTY']);
  const display =
    host.platform !== 'linux' || Boolean(host.env['DISPLAY'] || host.env['WAYLAND_DISPLAY'] || host.env['BROWSER']);
  const canOpen = options.browser && !remote && display;
  const person = host.stdin.isTTY === true && context.options.input;
  const offerPaste = options.paste === true || (person && (!canOpen || plan.relayed));
  return {
    listen: options.paste !== true,
    present: async (url) => {
      terminal.say(`Open this address in a browser and approve:\n\n  ${url.href}\n`);
      if (plan.relayed) terminal.info(`The provider will send the browser to ${plan.uri.origin}${plan.uri.pathname}.`);
      const { openBrowser } = await import('../../src/browser.ts');
      if (canOpen && !(await openBrowser(url))) terminal.info('No browser could be started here.');
      if (!options.paste) terminal.info('Waiting for the answer…');
    },
    paste: offerPaste
      ? (signal) => {
          if (!person) return readLine(host.stdin, signal);
          return prompt.text(
            'Paste the address that the browser ended at:',
            '--paste with the address on stdin',
            signal,
          );
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
