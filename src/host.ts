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
  readonly homedir: () => string;
  /** Makes the coming exit immediate although a thread hangs in the keychain. */
  readonly leaveAtOnce: () => void;
}
