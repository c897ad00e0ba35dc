import type { ConnectionKey, Environment } from '../connection.ts';
import type { Examination } from './examination.ts';
import type { Forwards } from './forwards.ts';
import type { Inbox } from './inbox.ts';
import type { InboxReading } from './inbox-reading.ts';
import type { JobCount } from './job-counts.ts';
import type { PermitStore } from './permits.ts';
import type { RecordTables } from './record-tables.ts';
import type { SyncTables } from './sync-tables.ts';

/**
 * The store as a port: units of work, each one atomic and durable when its promise resolves. SQLite stands behind it;
 * the contract suite in test/store says what any other database must do too. All times are ms since the epoch, all
 * ciphertexts come sealed from the vault. Throws LwiError of the `storage` category only.
 */
export interface Store extends PermitStore, SyncTables, RecordTables, Inbox, InboxReading, Forwards {
  /** Whether several machines may use it, so that one of them can be cut off from it and live. */
  readonly shared: boolean;
  /** Random identity of this database, made with it; names its key in the keychain. */
  vaultId(): Promise<string>;
  /** Id of the key that seals this database; undefined until `claimVaultKey`. */
  vaultKeyId(): Promise<string | undefined>;
  /** Sets the key id if none is set yet. Returns the id that holds afterwards. */
  claimVaultKey(keyId: string): Promise<string>;
  /** What is known of the other keys that this database has or had. */
  vaultKeyNotes(): Promise<readonly KeyNote[]>;
  /**
   * Notes what is about to happen, or has happened, to a key that is not the claimed one. False, with nothing noted, when it is
   * the claimed one or when its state does not lead there: see `KeyState`.
   */
  noteVaultKey(keyId: string, state: Exclude<KeyState, 'replaced'>): Promise<boolean>;
  /**
   * Puts every ciphertext of the database through `change` and claims the key `to` in place of `from`, in one transaction; what is left
   * of the old ciphertexts is written over as far as the store can, and it says where it cannot. `change` may be asked again for the same
   * ciphertext, when the transaction has met another one. Undefined, with nothing changed, when `from` is not the claimed key or `to`
   * is not noted as `made`. What `change` throws is thrown, and nothing is changed.
   */
  reseal(
    from: string,
    to: string,
    change: (envelope: Uint8Array, place: SealedPlace) => Uint8Array,
  ): Promise<Resealed | undefined>;

  connection(key: ConnectionKey): Promise<ConnectionRow | undefined>;
  /** Ordered by account, then provider. */
  connections(filter?: { account?: string | undefined; provider?: string | undefined }): Promise<ConnectionRow[]>;
  /**
   * Writes a new connection, or replaces the one of the same account and provider when its generation is `ifGeneration`
   * (undefined: there must be none). False, with nothing written, when that does not hold. A replaced row keeps nothing of its
   * predecessor but the count of generations.
   */
  putConnection(row: NewConnection, ifGeneration: number | undefined): Promise<boolean>;
  deleteConnection(key: ConnectionKey, ifGeneration: number): Promise<boolean>;
  /** Durable note that the refresh token of `generation` is about to be spent. False when the generation is another. */
  beginRotation(key: ConnectionKey, generation: number, rotation: Rotation): Promise<boolean>;
  /**
   * Stores what a refresh gave, adds one to generation and refresh count, clears the rotation note, makes the connection
   * active. A refresh or ID token that is absent leaves the stored one in force (RFC 6749, section 6); so does an absent name.
   */
  replaceToken(key: ConnectionKey, change: TokenChange, ifGeneration: number): Promise<boolean>;
  /** A refresh that gave no token: records why; keeps, restores or clears the rotation note; may mark `reconnect`. */
  failRotation(key: ConnectionKey, failure: RotationFailure, ifGeneration: number): Promise<boolean>;

  /**
   * Takes the lease if it is free, over or already ours. Undefined: taken; else who has it and for how long. The store's own time counts, one that no
   * correction of a clock can move where there is such a one.
   */
  acquireLease(name: string, owner: string, ttlMs: number): Promise<Lease | undefined>;
  /** False when the lease was lost. */
  renewLease(name: string, owner: string, ttlMs: number): Promise<boolean>;
  releaseLease(name: string, owner: string): Promise<void>;

  /** Circuits need not survive a loss of power. */
  circuit(scope: string): Promise<CircuitRow>;
  /** False when somebody else wrote since `ifVersion`. */
  saveCircuit(scope: string, row: Omit<CircuitRow, 'version'>, ifVersion: number): Promise<boolean>;
  /** All circuits whose scope begins so, by scope. */
  circuits(prefix: string): Promise<(CircuitRow & { readonly scope: string })[]>;

  putSecret(name: SecretName, sealed: SealedSecret): Promise<void>;
  secret(name: SecretName): Promise<SealedSecret | undefined>;
  secrets(filter: { account: string; provider?: string | undefined }): Promise<(SecretName & SealedSecret)[]>;
  removeSecret(name: SecretName): Promise<boolean>;

  /** What is in the queue of jobs that machines share, by kind and connection; undefined: this database has no such queue. */
  jobCounts(): Promise<readonly JobCount[] | undefined>;

  /**
   * Looks at the whole database: whether it can be written, whether it is whole inside, how large it is. Reads all of it, about 200 MB in a second, and
   * SQLite blocks the process meanwhile. What is wrong inside is told, or is STORE_DAMAGED where it cannot even be read.
   * Of one that is larger than `most` bytes only the tables are looked at without which nothing works: those of keys, tokens and secrets. Absent: all of any.
   */
  examine(most?: number): Promise<Examination>;

  close(): Promise<void>;
}

/**
 * What became of a key that is not the claimed one. `made`: about to be stored, or stored, for a rotation that is under way or
 * died; `abandoned`: was made and will never be claimed; `replaced`: was the claimed one until a rotation; `gone`: one of the
 * last two, and its place no longer holds it. Only a `made` key can be claimed by `reseal`, so that a key that somebody is
 * about to remove never seals anything.
 *
 *     (any) -> made -> (claimed) -> replaced -> gone
 *              made -> abandoned -> gone
 */
export type KeyState = 'made' | 'abandoned' | 'replaced' | 'gone';

export interface KeyNote {
  readonly keyId: string;
  readonly state: KeyState;
}

/** Where a ciphertext lives. It is bound to this place: moved anywhere else it does not open. */
export interface SealedPlace {
  readonly account: string;
  readonly provider: string;
  /** Column, e.g. `access_token_encrypted`; `secret` for a named secret. */
  readonly column: string;
  /** Id of the row, or the name of a secret. */
  readonly row: string;
}

export interface Resealed {
  /** How many ciphertexts were changed. */
  readonly count: number;
  /** Whether nothing that the old key sealed is left where the database keeps its bytes. False also where a store cannot know. */
  readonly erased: boolean;
  /** Where something is left, and until when: a sentence for people. Absent: nothing is. */
  readonly left?: string;
}

/** `active`: usable, perhaps after a refresh. `reconnect`: the provider no longer accepts it; a person must connect again. */
export type ConnectionState = 'active' | 'reconnect';

/** What comes with every token, first or refreshed. */
export interface SealedToken {
  readonly accessToken: Uint8Array;
  readonly refreshToken?: Uint8Array | undefined;
  readonly idToken?: Uint8Array | undefined;
  readonly tokenType: string;
  readonly issuedAt: number;
  /** Absent: the access token does not expire. */
  readonly expiresAt?: number | undefined;
  readonly refreshExpiresAt?: number | undefined;
  readonly refreshHardExpiresAt?: number | undefined;
  readonly scopes: readonly string[];
}

export interface NewConnection extends ConnectionKey {
  /** UUID, made by the caller because it is part of the associated data of every ciphertext of the row. */
  readonly id: string;
  readonly env: Environment;
  /** Which of the provider's alternatives was connected (`bot`, `user`), where it has some. */
  readonly variant?: string | undefined;
  /** JSON `{clientId, clientSecret?}` of the app that the grant was made for; sealed. */
  readonly client?: Uint8Array | undefined;
  readonly externalId?: string | undefined;
  readonly externalName?: string | undefined;
  readonly externalUserId?: string | undefined;
  readonly token: SealedToken;
  readonly at: number;
}

export interface ConnectionRow extends Omit<NewConnection, 'at'> {
  readonly state: ConnectionState;
  readonly stateReason?: string | undefined;
  /**
   * Grows by one with each stored token; what compare-and-set compares. Starts at 1; grows on replacement too, and goes on
   * counting after a deletion, so that nobody who read the old connection can write to the new one.
   */
  readonly generation: number;
  readonly refreshCount: number;
  readonly lastRefresh?: LastRefresh | undefined;
  readonly rotation?: Rotation | undefined;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface Rotation {
  readonly startedAt: number;
  /** Process that began it, `pid@host`-like. */
  readonly owner: string;
}

export interface LastRefresh {
  readonly at: number;
  readonly outcome: 'refreshed' | 'reconnect' | 'failed';
  readonly detail?: string | undefined;
  /** Failures in a row. */
  readonly failures: number;
}

export interface TokenChange {
  readonly token: SealedToken;
  readonly externalName?: string | undefined;
  readonly at: number;
}

export interface RotationFailure {
  readonly at: number;
  readonly outcome: 'reconnect' | 'failed';
  readonly detail: string;
  /**
   * `kept`: the provider may have used up the refresh token all the same (the answer never came), and the note of this rotation stays. Else what takes
   * its place: the note of an earlier one of which no end is known, or none.
   */
  readonly note?: 'kept' | Rotation | undefined;
}

export interface Lease {
  readonly owner: string;
  /** How much longer it lasts if its owner does not renew it, ms. */
  readonly endsInMs: number;
}

export interface CircuitRow {
  readonly state: 'closed' | 'open' | 'half-open';
  /** Since the first failure of the window; while it is open: those that opened it, and the probes that failed. */
  readonly failures: number;
  /** Good answers since the first failure of the window. */
  readonly successes: number;
  /** When the window began, when it opened, or when the probe of half-open was sent. */
  readonly since: number;
  readonly version: number;
}

export interface SecretName extends ConnectionKey {
  /** `client-id`, `client-secret`, `webhook-secret`, `username`, `password`. */
  readonly name: string;
}

export interface SealedSecret {
  readonly sealed: Uint8Array;
  readonly fingerprint: string;
  readonly updatedAt: number;
}
