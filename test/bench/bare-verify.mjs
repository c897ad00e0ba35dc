import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The least that a verification can be: reads every file of a directory and makes the HMAC of its bytes, without a look at what they say.
 *
 *     node bare-verify.mjs <directory> <secret>
 */
const [directory = '', secret = ''] = process.argv.slice(2);
for (const name of readdirSync(directory)) {
  createHmac('sha256', secret)
    .update(readFileSync(join(directory, name)))
    .digest();
}
