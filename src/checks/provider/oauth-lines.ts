import { authorization } from './authorization-line.ts';
import { exchange } from './exchange-line.ts';
import type { Line } from './line.ts';
import { proactive, refresh } from './refresh-lines.ts';
import { secureStorage } from './storage-line.ts';

export const OAUTH_LINES: readonly Line[] = [authorization, exchange, refresh, proactive, secureStorage];
