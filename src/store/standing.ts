/** What a database says of itself and of who uses it. Nothing of what it holds is in here. */
export interface StoreStanding {
  /** The engine and its version: `PostgreSQL 15.18`. */
  readonly engine: string;
  /** Path of the file, or the URL without password and parameters. */
  readonly place: string;
  readonly schema: {
    /** 0: there is none yet. */
    readonly version: number;
    /** That of this program. */
    readonly needed: number;
    /** The oldest version whose programs may use it. */
    readonly compatibleWith: number;
  };
  readonly sizeBytes: number;
  /** The larger ones first. */
  readonly tables: readonly TableStanding[];
  /** Absent for a file. */
  readonly server?: ServerStanding;
}

interface TableStanding {
  readonly name: string;
  /** Of a server: about. */
  readonly rows: number;
  /** With indexes; 0 where the engine does not say. */
  readonly bytes: number;
}

/** The server, as this connection sees it. */
export interface ServerStanding {
  /** How the way to it is kept from others. */
  readonly protection: string;
  /** `TLSv1.3 TLS_AES_256_GCM_SHA384`, or absent. */
  readonly tls?: string;
  readonly role: string;
  /** `superuser`: anything; `owner`: also changes the schema; `worker`: rows and views alone; `none`: not even that. */
  readonly rights: 'superuser' | 'owner' | 'worker' | 'none';
  /** Whether it takes no changes, because it follows another one. */
  readonly standby: boolean;
  /** How far a standby is behind, ms; of one that was idle: since the last change there. */
  readonly behindMs?: number;
  /** How many servers follow this one; those that the role may see. */
  readonly followers: number;
  /** How far its clock is ahead of this machine's, ms. */
  readonly clockAheadMs: number;
  readonly maxConnections: number;
  /** Of this database, by program and machine, this one included. */
  readonly connections: readonly ServerConnections[];
  readonly waiting: readonly WaitingSession[];
}

interface ServerConnections {
  readonly application: string;
  /** Address, or `local`. */
  readonly host: string;
  readonly open: number;
  /** Those that run a statement or keep a transaction open. */
  readonly busy: number;
}

/** A session that waits for a lock. */
interface WaitingSession {
  readonly pid: number;
  readonly host: string;
  readonly waitsMs: number;
  /** Sessions that hold what it waits for. */
  readonly blockedBy: readonly number[];
}
