/** The names that a store holds, for completion. Read in passing: whoever asks can do without an answer. */
export interface StoredNames {
  /** By account, then provider. */
  connections(): readonly { readonly account: string; readonly provider: string }[];
  /** The newest events first, of whose key the beginning is given. Absent members: any. */
  events(ask: NamedEventsAsk): readonly NamedEvent[];
  /** Names of the secrets that an account has for a provider. */
  secrets(account: string, provider: string): readonly string[];
  close(): void;
}

/** The same where the answers come over a network. */
export interface DistantNames {
  connections(): Promise<ReturnType<StoredNames['connections']>>;
  events(ask: NamedEventsAsk): Promise<readonly NamedEvent[]>;
  secrets(account: string, provider: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

export interface NamedEventsAsk {
  readonly account: string | undefined;
  readonly provider: string | undefined;
  readonly key: string;
  readonly limit: number;
}

export interface NamedEvent {
  readonly key: string;
  readonly provider: string;
  readonly type: string;
  /** ms since the epoch. */
  readonly receivedAt: number;
}
