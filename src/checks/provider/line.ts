import type { MockOptions } from '../../mock/settings.ts';
import type { Finding } from '../check.ts';
import type { Bench } from './bench.ts';

/** One line of the checklist. */
export interface Line {
  /** In kebab case. */
  readonly name: string;
  /** Lines before it without which this one can say nothing. */
  readonly needs?: readonly string[];
  /** It is about webhooks, and says so itself where there are none. */
  readonly webhooks?: boolean;
  /** What of the provider it looks at, for the person who has to correct it: ``the member `oauth.pkce` ``. */
  readonly about: string;
  /** It is about the provider's limits: here, and in the mock, they are as they are defined. All other lines run with generous ones, in a mock that has none. */
  readonly ownLimits?: true;
  /** How the mock is to be. */
  readonly mock?: Omit<MockOptions, 'clock' | 'providers'>;
  /** Tries it on a bench of its own. What it throws is why it fails. */
  run(bench: Bench): Promise<Finding>;
}

/** Needed by all lines that are about a connection. */
export const CONNECTED = ['token-exchange'];
