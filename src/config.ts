import type { Environment } from './connection.ts';
import { LwiError } from './errors.ts';
import type { TimeoutSettings } from './http/timeouts.ts';
import { findJsonError } from './json-error.ts';
import type { ProviderFile } from './providers/generic/definition.ts';
import { readBounded } from './read-bounded.ts';
import type { Checked } from './schema.ts';
import type { WebhookDefinition } from './webhooks/presets.ts';

/** The config file; every member may be absent. Flags and environment variables go before it. */
export interface Config {
  /** Where the JSON Schema of the file is, for editors. */
  readonly $schema?: string;
  readonly account?: string;
  readonly env?: Environment;
  /** By provider id: a built-in provider pointed at an emulator, a proxy or a recording. */
  readonly endpoints?: Readonly<Record<string, EndpointOverrides>>;
  /** By provider id: providers of the user's own. */
  readonly providers?: Readonly<Record<string, ProviderFile>>;
  /** By provider id: the redirect URI registered for the user's app. */
  readonly redirectUris?: Readonly<Record<string, string>>;
  /** How long lwi waits, for all providers and for single ones. */
  readonly timeouts?: TimeoutSettings;
  readonly retry?: RetrySettings;
  /** By provider id. */
  readonly limits?: Readonly<Record<string, LimitSettings>>;
  /** URL of the database, instead of the file in the data directory. */
  readonly database?: string;
}

/** How a call is repeated; what is absent is as ever. */
export interface RetrySettings {
  /** Tries in all, the first one included. */
  readonly attempts?: number;
  /** Longest wait after the first failure, ms; doubled after each further one. */
  readonly baseDelayMs?: number;
  /** No computed wait is longer, ms. */
  readonly maxDelayMs?: number;
}

export interface LimitSettings {
  /** Which part of the provider's limits lwi may use, above 0 and up to 1; the rest is left to other programs of the same app. */
  readonly share?: number;
}

/** An empty endpoint counts as absent. */
export interface EndpointOverrides {
  readonly authorizationEndpoint?: string;
  readonly tokenEndpoint?: string;
  readonly revocationEndpoint?: string;
  readonly apiBaseUrl?: string;
}

/** Largest config or definition that is read, bytes. */
export const CONFIG_LIMIT = 1024 * 1024;
/** How many problems one message names. */
const PROBLEMS_SHOWN = 5;

/**
 * Reads and checks the config; `{}` when there is no file. The schema is loaded only when there is something to check.
 * Throws CONFIG_INVALID with the file and either line and column, or the path inside and what was expected.
 */
export async function loadConfig(file: string): Promise<Config> {
  const value = await readJsonFile(file);
  if (value === undefined || isEmptyObject(value)) return {};
  const { checkConfig } = await import('./config-schema.ts');
  return fitting(file, checkConfig(value));
}

/** Checks a definition that was read from elsewhere, e.g. stdin; `source` names it in errors. Throws CONFIG_INVALID. */
export async function parseProviderFile(source: string, value: unknown): Promise<ProviderFile> {
  const { checkProviderFile } = await import('./config-schema.ts');
  return fitting(source, checkProviderFile(value));
}

/** Checks a `webhook` object that stands by itself; `source` names it in errors. Throws CONFIG_INVALID. */
export async function parseWebhookDefinition(source: string, value: unknown): Promise<WebhookDefinition> {
  const { checkWebhook } = await import('./config-schema.ts');
  return fitting(source, checkWebhook(value));
}

/** JSON text as a value; `source` names it in errors. Throws CONFIG_INVALID with line and column. */
export function parseJson(source: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const { line, column, expected } = findJsonError(text) ?? { line: 1, column: 1, expected: 'JSON' };
    throw new LwiError('CONFIG_INVALID', `${source}: line ${line}, column ${column}: expected ${expected}`);
  }
}

/** The JSON in a file of at most 1 MiB, or undefined when there is no file. Throws CONFIG_INVALID. */
export async function readJsonFile(file: string): Promise<unknown> {
  const bytes = readBounded(file, CONFIG_LIMIT);
  if (bytes === undefined) return undefined;
  let text: string;
  try {
    // Takes a byte order mark off, which JSON.parse would refuse.
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new LwiError('CONFIG_INVALID', `${file}: is not UTF-8 text`);
  }
  return parseJson(file, text);
}

function fitting<T>(source: string, checked: Checked<T>): T {
  if ('value' in checked) return checked.value;
  const shown = checked.problems.slice(0, PROBLEMS_SHOWN);
  const more = checked.problems.length - shown.length;
  throw new LwiError('CONFIG_INVALID', `${source}: ${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}`);
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}
