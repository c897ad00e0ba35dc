import { randomUUID } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { platform } from 'node:os';
import { join } from 'node:path';
import { openAccessToken, openIdToken, openRefreshToken } from '../../oauth/sealed-token.ts';
import type { Secret } from '../../secret.ts';
import { generateKey } from '../../vault/encryption-key.ts';
import { environmentKey } from '../../vault/environment-key.ts';
import { openVault } from '../../vault/vault.ts';
import { pass } from '../check.ts';
import { demand, failureOf } from './demand.ts';
import { connect } from './grants.ts';
import { CONNECTED, type Line } from './line.ts';
import { broughtToken } from './protocol-at.ts';

/** Forms in which a token could stand in a file. */
const FORMS = [
  (token: string) => Buffer.from(token),
  (token: string) => Buffer.from(token, 'utf16le'),
  (token: string) => Buffer.from(Buffer.from(token).toString('base64').replace(/=+$/, '').slice(0, -2)),
  (token: string) => Buffer.from(Buffer.from(token).toString('hex')),
];

export const secureStorage: Line = {
  name: 'secure-storage',
  needs: CONNECTED,
  about: 'what is stored of a connection',
  async run(bench) {
    const { vault, store, home, standIn } = bench;
    const row = await connect(bench);
    const opened = [
      await openAccessToken(vault, row),
      await openRefreshToken(vault, row),
      await openIdToken(vault, row),
    ];
    const tokens = opened.filter((token): token is Secret => token !== undefined).map((token) => token.reveal());
    const given = standIn.seen.map(({ answer }) => answer.text).join('\n');
    demand(
      tokens.every((token) => broughtToken(bench.subject) || given.includes(token)),
      'what the key opens is no token that was given',
    );
    const files = (await readdir(home)).map((name) => join(home, name));
    let bytes = 0;
    for (const file of files) {
      const content = await readFile(file);
      bytes += content.length;
      const readable = tokens.some((token) => FORMS.some((form) => content.includes(form(token))));
      demand(!readable, `a token can be read in ${file}`);
      const { mode } = await stat(file);
      demand(platform() === 'win32' || (mode & 0o077) === 0, `${file} is open to others`);
    }
    const elsewhere = { ...row, id: randomUUID() };
    const moved = await failureOf(openAccessToken(vault, elsewhere));
    demand(moved?.code === 'VAULT_CORRUPT', 'the ciphertext of another row can be opened');
    const stranger = openVault({ keyProvider: environmentKey(generateKey()), store });
    const wrong = await failureOf(openAccessToken(stranger, row));
    demand(wrong?.code === 'KEY_WRONG', 'another key opens it, or the error does not say that it is another one');
    return pass(
      `${tokens.length} tokens in none of ${files.length} files (${bytes} bytes, plain, base64, hex, UTF-16); opened by the key; refused in another row (${moved.code}) and with another key (${wrong.code})`,
    );
  },
};
