import type { WebhookScheme } from '../../webhooks/scheme.ts';
import { randomUuid, type WebhookSamples } from '../webhook-samples.ts';

/**
 * A plain event of whatever name, as nothing is known of what such a provider sends: `{id, type, created_at}`, and id and type also where the scheme looks for
 * them. A dotted `idField` becomes an object.
 */
export function samplesFor(scheme: WebhookScheme): WebhookSamples {
  return {
    events: [],
    make(event, { now, random }) {
      const id = randomUuid(random);
      return {
        headers: {
          'content-type': 'application/json',
          ...(scheme.typeHeader === undefined ? {} : { [scheme.typeHeader]: event }),
        },
        body: { ...nested(scheme.idField ?? 'id', id), type: event, created_at: new Date(now).toISOString() },
        id,
      };
    },
  };
}

function nested(path: string, id: string): object {
  return path.split('.').reduceRight<unknown>((value, step) => ({ [step]: value }), id) as object;
}
