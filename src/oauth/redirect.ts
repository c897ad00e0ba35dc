import type { Environment } from '../connection.ts';
import { LwiError } from '../errors.ts';
import { isLoopbackHost, namesPort80 } from '../loopback-host.ts';
import type { OAuthSettings } from '../providers/oauth-settings.ts';
import type { Provider } from '../providers/provider.ts';

/** Where the provider sends the browser, and where lwi listens for it. */
export interface RedirectPlan {
  /** As registered with the provider and sent to it. */
  readonly uri: URL;
  /** Port to listen on; 0: any free one. */
  readonly listenPort: number;
  /** An https address that is not ours: a relay may forward it to the listener, or the person pastes what it got. */
  readonly relayed: boolean;
}

/** Port for relays, and for providers that want a registered one. */
export const DEFAULT_PORT = 8914;

/** Chooses the redirect by the provider's rules. Throws USAGE for a bad one, REDIRECT_UNUSABLE where only https will do. */
export function planRedirect(
  provider: Provider,
  settings: OAuthSettings,
  request: { env: Environment; redirectUri?: string | undefined; port?: number | undefined },
): RedirectPlan {
  const { redirect } = settings;
  if (!request.redirectUri && redirect.httpsOnlyIn.includes(request.env)) {
    throw new LwiError(
      'REDIRECT_UNUSABLE',
      `${provider.title} takes no loopback redirect in ${request.env}${redirect.why ? `: ${redirect.why}` : '.'}`,
      { provider: provider.id },
    );
  }
  if (request.port !== undefined && request.port > 65_535)
    throw new LwiError('USAGE', 'A port is a number up to 65535.');
  const uri = parse(request.redirectUri ?? redirect.loopback);
  const relayed = uri.protocol === 'https:';
  if (!relayed && !(uri.protocol === 'http:' && isLoopbackHost(uri.hostname))) {
    throw new LwiError('USAGE', 'A redirect URI is https, or http on a loopback host.', { provider: provider.id });
  }
  if (relayed) return { uri, listenPort: request.port ?? DEFAULT_PORT, relayed };
  if (request.port !== undefined) uri.port = String(request.port);
  const port80 =
    request.port === 80 || (request.port === undefined && namesPort80(request.redirectUri ?? redirect.loopback));
  return { uri, listenPort: uri.port === '' && port80 ? 80 : Number(uri.port), relayed };
}

function parse(text: string): URL {
  if (!URL.canParse(text)) throw new LwiError('USAGE', '--redirect-uri is not a URL.');
  const uri = new URL(text);
  if (uri.hash) throw new LwiError('USAGE', 'A redirect URI has no fragment (RFC 6749, 3.1.2).');
  return uri;
}
