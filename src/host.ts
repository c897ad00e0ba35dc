import type { Output } from './output.ts';

/** The global options as given; absent ones fall back to the environment, the config file and the built-in default, in this order. */
export interface GlobalOptions {
  readonly account?: string | undefined;
  readonly env?: string | undefined;
  readonly home?: string | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
  /** 0, 1 (a line for each exchange) or 2 (headers too). */
  readonly verbosity: number;
  /** False for --no-input. */
  readonly input: boolean;
  /** False for --no-color. */
  readonly color: boolean;
}

/** A program that takes the place of lwi. */
export interface Program {
  /** Path of its file. */
  readonly file: string;
  /** Its argument vector; the first one is the name that it was called by. */
  readonly words: readonly string[];
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** The parts of `process` that lwi uses, so that nothing else touches it. */
export interface Host {
  readonly argv: readonly string[];
  /** Program and first arguments that start lwi itself again. */
  readonly self: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly platform: NodeJS.Platform;
  readonly pid: number;
  /** Version of Node: `24.21.0`. */
  readonly nodeVersion: string;
  /** Number of the user whose files lwi makes; undefined where the system has none (Windows). */
  readonly uid: number | undefined;
  readonly homedir: () => string;
  /** Makes the coming exit immediate although a thread hangs in the keychain. */
  readonly leaveAtOnce: () => void;
  /**
   * Work that a stop waits for, because half of it would be worse than all or nothing. A second stop does not wait.
   * The work itself must be bounded.
   */
  readonly unstopped: <T>(work: Promise<T>) => Promise<T>;
  /**
   * Lets a program take the place of this process: its id, terminal and signals are then the program's, and this never returns. Where a
   * process cannot be replaced (Windows) it runs beside, and its exit code is given. Everything must be closed before. Throws USAGE
   * when the program cannot be started.
   */
  readonly become: (program: Program) => Promise<number>;
}
