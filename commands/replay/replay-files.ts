import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import { readWebhookInputs } from '../shared/webhook-inputs.ts';
import { type ReplayItem, requestOfCapture, type TakeItem } from './replay-item.ts';

/** Every capture of a file, a directory or stdin. Throws INPUT_INVALID for what cannot be opened. */
export async function eachCapture(
  context: Context,
  name: string,
  provider: string | undefined,
  take: TakeItem,
): Promise<void> {
  await readWebhookInputs(context, { header: [] }, [name], (input, capture) => take(itemOf(input, capture, provider)));
}

type Found = Parameters<typeof requestOfCapture>[0] | LwiError;

function itemOf(input: string, capture: Found, provider: string | undefined): ReplayItem {
  if (capture instanceof LwiError) return { input, provider, load: async () => capture };
  const request = requestOfCapture(capture);
  const { receivedAt } = capture;
  return { input, provider: capture.provider ?? provider, receivedAt, load: async () => request };
}
