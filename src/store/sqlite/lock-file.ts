import { type Driver, isBusy, openDriver } from './driver.ts';
import { storeError } from './errors.ts';
import { preparePrivateFile } from './private-file.ts';

/**
 * Locks the file `path`, which is made if it is not there, until the function that is returned is called or this process ends in whatever way: the
 * system lets go of it then (https://www.sqlite.org/lockingv3.html). Undefined when another process, or another place in this one, has it.
 * Throws like `openDatabase`.
 */
export function lockFile(path: string): (() => void) | undefined {
  let driver: Driver | undefined;
  try {
    preparePrivateFile(path);
    driver = openDriver(path, { timeout: 0 });
    driver.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    driver?.close();
    if (isBusy(error)) return undefined;
    throw storeError(error, path);
  }
  const held = driver;
  return () => void held.close();
}
