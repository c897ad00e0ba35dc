import type { Clock } from '../../clock.ts';
import type { Mock } from '../../mock/mock.ts';
import type { MockOptions } from '../../mock/settings.ts';
import type { Login } from '../../oauth/app-credentials.ts';
import type { Endpoints, Provider } from '../../providers/provider.ts';
import type { Secret } from '../../secret.ts';

/** What is checked, and against what. */
export interface Subject {
  readonly provider: Provider;
  /** Its definition is the user's own, in JSON, which has no member for some things. */
  readonly ofTheUser: boolean;
  /** A fresh mock of this provider, and of no other. */
  mock(options: Omit<MockOptions, 'providers'>): Mock;
  /** Another server in the place of the mock; absent: the mock itself. */
  readonly elsewhere?: Elsewhere | undefined;
  /** Folder for throw-away homes; whoever made it removes it. */
  readonly place: string;
  /** Real time. */
  readonly time: Clock;
  /** The trace of the exchanges, as everywhere: 0, 1 (a line for each) or 2 (headers too). Absent: none. */
  readonly trace?: { readonly verbosity: number; readonly log: (line: string) => void };
  /** What came of trying the provider's sandbox; undefined: there is no connection to one here. */
  sandbox?(signal: AbortSignal): Promise<string | undefined>;
}

/** A server that a person names: an emulator, or a mock that runs somewhere. Nothing of it can be controlled from here. */
export interface Elsewhere {
  /** Without a slash at the end. */
  readonly url: string;
  /** It is told the host that the check asked, because its own addresses in answers are made of that (`lwi mock`). */
  readonly anyHost?: boolean;
  /** Its endpoints as they are seen through a server at `standIn` that hands everything on to it. */
  endpoints(standIn: string): Endpoints;
  readonly app?: { readonly clientId: string; readonly clientSecret: Secret | undefined } | undefined;
  readonly login?: Login | undefined;
  readonly token?: Secret | undefined;
}

/** The endpoints of the check, with a server at `url` in the provider's place. */
export function endpointsAt({ provider, elsewhere }: Subject, url: string): Endpoints | undefined {
  return elsewhere ? elsewhere.endpoints(url) : provider.environments.mock?.(url);
}

/** Whether a path is below the base URL of the API, and none of the OAuth endpoints that some have there too. */
export function isApi(subject: Subject, path: string, url: string): boolean {
  const endpoints = endpointsAt(subject, url);
  if (!endpoints || path.includes('/.well-known/')) return false;
  const variants = Object.values(subject.provider.oauth.variants ?? {});
  const all = [endpoints, ...variants.flatMap((variant) => variant.endpoints?.(endpoints) ?? [])];
  const oauth = all.flatMap(({ apiBaseUrl: _, ...rest }) => Object.values(rest)).map((each) => new URL(each).pathname);
  return path.startsWith(new URL(endpoints.apiBaseUrl).pathname) && !oauth.includes(path);
}
