import type { WebhookDefinition } from '../../webhooks/presets.ts';

/**
 * A provider of the user's own, as written in JSON (config `providers.<id>`, `lwi provider add --file`). Only `id` and
 * `api.baseUrl` are needed; an empty endpoint counts as absent. Checked by `provider-schema.ts`.
 */
export interface ProviderFile {
  /** Where the JSON Schema of the file is, for editors. */
  readonly $schema?: string;
  /** `PROVIDER_ID_PATTERN`; in the config the same as its key. */
  readonly id: string;
  readonly title?: string;
  /** Absent: the provider takes pasted tokens only. */
  readonly oauth?: OAuthDefinition;
  readonly api: ApiDefinition;
  /** Every request counts against all of them. Absent or empty: 60 a minute, 5 at once, 2 in flight. */
  readonly limits?: readonly LimitDefinition[];
  readonly streams?: readonly StreamDefinition[];
  readonly webhook?: WebhookDefinition;
}

export const PROVIDER_ID_PATTERN = /^[a-z][a-z0-9-]{0,31}$/;

export interface OAuthDefinition {
  /** Default `authorization_code`. */
  readonly grant?: 'authorization_code' | 'client_credentials' | 'password' | 'device_code';
  readonly issuer?: string;
  readonly authorizationEndpoint?: string;
  readonly tokenEndpoint?: string;
  readonly revocationEndpoint?: string;
  readonly deviceAuthorizationEndpoint?: string;
  /** Default `basic`, or `body` where the issuer's metadata announces that and not Basic. */
  readonly clientAuthentication?: 'basic' | 'body' | 'none';
  /** Default: yes with the authorization-code grant. */
  readonly pkce?: boolean;
  readonly scopes?: readonly string[];
  /** Default: a blank (RFC 6749, 3.3). */
  readonly scopeSeparator?: string;
  /** Default `http://127.0.0.1/callback`; a loopback IP without a port takes any free one. */
  readonly redirectUri?: string;
  readonly authorizationParameters?: Readonly<Record<string, string>>;
  readonly externalId?: {
    readonly from: 'callback' | 'token' | 'idToken';
    /** Dotted path in the token answer or the ID token's claims; a parameter of the callback. */
    readonly name: string;
  };
}

export interface ApiDefinition {
  readonly baseUrl: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Path of a cheap read; default: the first stream's path, else `/`. */
  readonly probe?: string;
  readonly requestIdHeader?: string;
}

export interface LimitDefinition {
  readonly name?: string;
  readonly permits?: number;
  readonly perMs?: number;
  readonly burst?: number;
  readonly concurrency?: number;
}

export interface StreamDefinition {
  readonly name: string;
  /** Below the base URL, may hold a fixed query and `{externalId}`. */
  readonly path: string;
  /** Dotted path of the array of rows; absent: the answer is the array. */
  readonly items?: string;
  /** Dotted path in a row; default `id`. */
  readonly id?: string;
  readonly updatedAt?: string;
  /** Set when the row is gone: `true`, or anything but false, 0, null and empty (such as a `deleted_at` time). */
  readonly deleted?: string;
  /** Columns of the database view: name -> dotted path in a row. */
  readonly columns?: Readonly<Record<string, string>>;
  readonly since?: { readonly parameter: string; readonly format?: TimeFormat };
  /** Absent: one page. */
  readonly page?: PageDefinition;
}

export type TimeFormat = 'iso' | 'epoch' | 'epochMs' | 'date';

interface PageSize {
  /** Query parameter that asks for `size` rows a page; both are needed to ask. */
  readonly sizeParameter?: string;
  readonly size?: number;
}

interface CountedPage extends PageSize {
  readonly parameter: string;
  /** What the first page is called; default 0 for an offset, 1 for a page number. */
  readonly first?: number;
  /**
   * Dotted path of what says whether more follows: null, false, empty or missing ends; a number is the next one to ask for. Absent:
   * pages are asked for until one is empty, because a server may give fewer rows than it was asked for.
   */
  readonly next?: string;
}

export type PageDefinition =
  | (PageSize & {
      readonly type: 'cursor';
      readonly parameter: string;
      /** Dotted path of the next cursor; null, empty or missing ends. */
      readonly next: string;
      /** Dotted path of what says whether more follows (`hasNextPage`), where the last page has a cursor too: null, false or empty ends. */
      readonly more?: string;
    })
  | (CountedPage & { readonly type: 'offset' })
  | (CountedPage & { readonly type: 'page' })
  | (PageSize & { readonly type: 'link' })
  | { readonly type: 'none' };
