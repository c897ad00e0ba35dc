import { fileURLToPath } from 'node:url';

/**
 * Where the processes that tests start keep compiled code, all of them the same (https://nodejs.org/api/module.html#module-compile-cache): the home of a
 * scenario is new, and so is lwi's own cache in it.
 */
export const CODE_CACHE = fileURLToPath(new URL('../../node_modules/.cache/lwi-test-code', import.meta.url));
