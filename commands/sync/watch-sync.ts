import { LwiError } from '../../src/errors.ts';
import type { CassetteOptions } from '../shared/cassette.ts';
import type { RecordableContext } from '../shared/recordable.ts';
import { watchConnections } from '../shared/watch-connections.ts';
import type { SyncOptions } from './options.ts';

/** `lwi sync --watch`: the poll alone. Throws USAGE for what would be one run only, and the reason of the stop. */
export function watchSync(
  context: RecordableContext,
  options: SyncOptions & CassetteOptions,
  id?: string,
): Promise<never> {
  const { watch, interval, since, entity, output, ...others } = options;
  if (!watch) throw new LwiError('USAGE', '--interval goes with --watch.');
  const [other] = Object.entries({
    ...others,
    since: since === 'last' ? undefined : since,
    output: output === 'table' ? undefined : output,
  }).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (other)
    throw new LwiError('USAGE', `--watch goes with a provider, --entity and --interval only, not with --${other}.`);
  return watchConnections(context, { interval, entities: entity }, id);
}
