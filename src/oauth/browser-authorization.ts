import { isLwiError, LwiError } from '../errors.ts';
import { redactText } from '../http/redact.ts';
import { authorizationUrl, newAuthorization } from './authorization-request.ts';
import { commandAfter } from './connect-command.ts';
import { type Callback, listenForRedirect } from './loopback.ts';
import type { Page } from './pages.ts';
import { exchangeCode, type Protocol } from './protocol.ts';
import { DEFAULT_PORT, type RedirectPlan } from './redirect.ts';
import type { ExpectedAnswer } from './redirect-check.ts';
import { type TokenSet, withAskedScopes } from './token-set.ts';

/** The person's side of an authorization. */
export interface AuthorizationUi {
  /** Shows the URL, and opens it where that is wanted and possible. */
  present(url: URL): Promise<void>;
  /** Asks for the URL that the browser was sent to. Undefined: pasting is not offered here. */
  readonly paste?: ((signal: AbortSignal) => Promise<string>) | undefined;
  /** Tells the person why what was pasted is no answer, to paste again. Undefined: there is one try (a pipe). */
  readonly misread?: ((why: string) => void) | undefined;
  /** Whether to listen at all (`--paste` does not). */
  readonly listen: boolean;
  /** Environment of the connection, for the page in the browser. */
  readonly env?: (() => Promise<string>) | undefined;
}

export interface Authorized {
  readonly set: TokenSet;
  /** Tells the browser what came of it, once the connection is stored or refused. */
  respond(page: Page): Promise<void>;
}

/** The authorization code grant with PKCE and `state`, from the URL to the token set (RFC 6749 4.1, RFC 8252). */
export async function authorizeInBrowser(
  protocol: Protocol,
  plan: RedirectPlan,
  scopes: readonly string[],
  ui: AuthorizationUi,
  signal: AbortSignal,
): Promise<Authorized> {
  const { state, verifier } = newAuthorization();
  const listener = ui.listen ? await listenForRedirect(plan.uri, plan.listenPort) : undefined;
  try {
    const redirectUri = listener && !plan.relayed ? listener.redirectUri : unheard(plan.uri);
    await ui.present(authorizationUrl(protocol, { redirectUri, state, verifier, scopes }));
    const { issuerInRedirect, endpoints } = protocol;
    const callback = await firstAnswer(listener, ui, { state, issuer: endpoints.issuer, issuerInRedirect }, signal);
    const env = await ui.env?.();
    try {
      const set = await exchangeCode(protocol, callback.query, { redirectUri, state, verifier });
      return {
        set: withAskedScopes(set, scopes),
        respond: async (page) => {
          await callback.respond(completed(page, protocol, env));
          await listener?.close();
        },
      };
    } catch (error) {
      const said =
        error instanceof LwiError ? { text: error.message, next: error.hint } : { text: 'Something went wrong.' };
      await callback.respond(completed({ good: false, title: 'Not connected', ...said }, protocol, env));
      throw error;
    }
  } catch (error) {
    await listener?.close();
    throw error;
  }
}

/** The page with what it is about, and with what comes next where it does not say so. No credential gets into it. */
function completed(page: Page, { provider, call }: Protocol, env: string | undefined): Page {
  const account = call.connection?.account;
  const facts: [string, string | undefined][] = [
    ['Provider', provider.title],
    ['Account', account],
    ['Environment', env],
  ];
  return {
    facts: facts.flatMap(([label, value]) => (value === undefined ? [] : [[label, value] as const])),
    next: page.good
      ? `Next, in the terminal: \`${commandAfter(provider, account)}\``
      : 'The terminal says what to do next.',
    ...page,
    text: redactText(page.text),
  };
}

/** A redirect URI at which nobody of ours listens: any port will do, but 0 is none. */
function unheard(uri: URL): string {
  const url = new URL(uri);
  if (url.port === '0') url.port = String(DEFAULT_PORT);
  return url.href;
}

/** The redirect at the listener or the pasted one, whichever comes first; the other wait is ended. */
async function firstAnswer(
  listener: Awaited<ReturnType<typeof listenForRedirect>> | undefined,
  ui: AuthorizationUi,
  expected: ExpectedAnswer,
  signal: AbortSignal,
): Promise<Callback> {
  const enough = new AbortController();
  const either = AbortSignal.any([signal, enough.signal]);
  const ways = [
    ...(listener ? [listener.callback(expected, either)] : []),
    ...(ui.paste ? [pastedAnswer(ui, ui.paste, expected.state, either)] : []),
  ];
  try {
    return await Promise.race(ways);
  } finally {
    enough.abort(new DOMException('the other way was taken', 'AbortError'));
    for (const way of ways) way.catch(() => {});
  }
}

/** What a person pastes; a slip does not end the wait, as little as a wrong request at the listener does. */
async function pastedAnswer(
  { misread }: AuthorizationUi,
  paste: (signal: AbortSignal) => Promise<string>,
  state: string,
  signal: AbortSignal,
): Promise<Callback> {
  for (;;) {
    const text = await paste(signal);
    try {
      return pasted(text, state);
    } catch (error) {
      if (!misread || !isLwiError(error, 'INPUT_INVALID')) throw error;
      misread(error.message);
    }
  }
}

/** Reads a pasted redirect URL, or just its query. Throws INPUT_INVALID; `state` is checked as strictly as at the listener. */
export function pasted(text: string, state: string): Callback {
  const trimmed = text.trim();
  const query = URL.canParse(trimmed) ? new URL(trimmed).searchParams : new URLSearchParams(trimmed.replace(/^\?/, ''));
  if (!query.has('code') && !query.has('error')) {
    throw new LwiError(
      'INPUT_INVALID',
      'What was pasted has neither a code nor an error in it: paste the whole address.',
    );
  }
  if (query.get('state') !== state || query.getAll('state').length !== 1) {
    throw new LwiError(
      'INPUT_INVALID',
      'The pasted address belongs to another authorization: its state is not the one just sent.',
    );
  }
  return { query, respond: async () => {} };
}
