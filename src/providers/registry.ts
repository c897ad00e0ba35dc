import { mycarrierpackets } from './mycarrierpackets/provider.ts';
import type { Provider } from './provider.ts';
import { quickbooks } from './quickbooks/provider.ts';
import { slack } from './slack/provider.ts';

/** The providers that lwi brings, in the order of help and status. A new one is one folder and one line here. */
export const BUILT_IN: readonly Provider[] = [
  quickbooks, //
  slack,
  mycarrierpackets,
];
