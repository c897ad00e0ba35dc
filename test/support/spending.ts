import { expect } from 'vitest';
import type { Scenario } from './scenario.ts';
import { queryStore } from './store-file.ts';

/** Resolves when a process is about to spend a refresh token: from then on the request may be on its way. */
export async function spending({ home }: Scenario): Promise<void> {
  const notes = () => queryStore(home, 'SELECT 1 FROM oauth_tokens WHERE rotation_started_at IS NOT NULL').length;
  await expect.poll(notes, { timeout: 20_000 }).toBe(1);
}
