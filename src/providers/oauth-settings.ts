import type { Environment } from '../connection.ts';
import type { Endpoints } from './provider.ts';

export type Grant = 'authorization_code' | 'client_credentials' | 'password' | 'device_code' | 'token';

/** How a provider gives tokens out, and where it departs from the RFCs. */
export interface OAuthSettings {
  readonly grant: Grant;
  /** `omitted`: the token endpoint knows no clients at all (MyCarrierPackets), so not even a client id is sent. */
  readonly clientAuthentication: 'basic' | 'body' | 'none' | 'omitted';
  /** Nobody chose the method: the issuer's metadata may name another one (RFC 8414, 2). */
  readonly clientAuthenticationAssumed?: boolean;
  readonly pkce: boolean;
  /** `plain` keeps `invalid_grant` the end of the connection; `password` logs in again with stored or given credentials. */
  readonly onRefreshRejected: 'reconnect' | 'password';
  readonly scopes: readonly string[];
  readonly scopeSeparator: string;
  /** Name of the query parameter that carries the scopes (`scope`; Slack's user flow: `user_scope`). */
  readonly scopeParameter: string;
  readonly authorizationParameters: Readonly<Record<string, string>>;
  /** Extra headers at the token endpoint, e.g. to ask for the hard expiry of the refresh token. */
  readonly tokenHeaders: Readonly<Record<string, string>>;
  readonly redirect: RedirectRule;
  /** The named alternatives of `lwi connect --as <name>`; each overrides what differs. The first is the default. */
  readonly variants?: Readonly<Record<string, OAuthVariant>>;
  /** How a revocation request is written: RFC 7009 form, a JSON body (Intuit), or the token as bearer (Slack). */
  readonly revocation: 'form' | 'json' | 'bearer' | 'none';
  /**
   * Turns what the token endpoint answered into what RFC 6749 (5.1, 5.2) says it should have been: status and JSON
   * members. Pure; must accept any JSON. Standard providers return it unchanged.
   */
  adaptTokenAnswer(answer: TokenAnswer): TokenAnswer;
  /** Reads identity and refresh-token life out of an adapted, successful answer (and the callback's query, if any). */
  readGrant(input: GrantInput): GrantFacts;
  /** A token pasted by the person: true when it looks like one of this provider (Slack's `xoxb-…`). Absent: not offered. */
  acceptsPastedToken?(token: string): boolean;
}

/** What differs under `lwi connect --as <name>`; `title` is for the person who chooses. */
export type OAuthVariant = Partial<
  Pick<
    OAuthSettings,
    'scopes' | 'scopeParameter' | 'pkce' | 'clientAuthentication' | 'authorizationParameters' | 'redirect'
  >
> & {
  readonly title: string;
  readonly endpoints?: (endpoints: Endpoints) => Endpoints;
};

/** An answer of the token endpoint, its body read as JSON. */
export interface TokenAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What `readGrant` may read. */
export interface GrantInput {
  readonly body: Readonly<Record<string, unknown>>;
  /** Query of the redirect; empty for grants without one and for refreshes. */
  readonly callback: Readonly<Record<string, string>>;
  /** Claims of the ID token, where one came. */
  readonly idToken: Readonly<Record<string, unknown>>;
}

/** What a grant says beside the tokens. */
export interface GrantFacts {
  /** The provider's own id of the tenant: realm, team, company. Always a string. */
  readonly externalId?: string | undefined;
  readonly externalName?: string | undefined;
  readonly externalUserId?: string | undefined;
  /** Seconds until the refresh token ends if it is not used. */
  readonly refreshExpiresIn?: number | undefined;
  /** Seconds until the refresh token ends whatever happens. */
  readonly refreshHardExpiresIn?: number | undefined;
  /** Scopes as the provider reports them, if it does. */
  readonly scopes?: readonly string[] | undefined;
}

/** What the provider demands of a redirect URI, per environment. */
export interface RedirectRule {
  /** Loopback redirect that is used when none is given: host spelling, port (0: any free one) and path count. */
  readonly loopback: string;
  /** Environments in which the provider refuses loopback redirects, so that an https one must be given. */
  readonly httpsOnlyIn: readonly Environment[];
  /** One sentence for the person, where httpsOnlyIn applies. */
  readonly why?: string;
}
