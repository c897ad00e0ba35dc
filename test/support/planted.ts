import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openAccessToken, openIdToken, openRefreshToken } from '../../src/oauth/sealed-token.ts';
import { environmentKey } from '../../src/vault/environment-key.ts';
import { openVault } from '../../src/vault/vault.ts';
import { openStoreOf } from './store-place.ts';

/** All tokens in a home, opened with its key. */
export async function openTokens(home: string, key: string): Promise<string[]> {
  const store = await openStoreOf(home);
  try {
    const vault = openVault({ keyProvider: environmentKey(key), store });
    const rows = await store.connections();
    const open = [openAccessToken, openRefreshToken, openIdToken];
    const secrets = await Promise.all(rows.flatMap((row) => open.map((one) => one(vault, row))));
    return secrets.flatMap((secret) => secret?.reveal() ?? []);
  } finally {
    await store.close();
  }
}

/** Which of the planted secrets a text or file shows, plain or in base64 (at any offset, either alphabet), hex or URL encoding. */
export function shownIn(content: Buffer, planted: Readonly<Record<string, string>>): string[] {
  return Object.entries(planted).flatMap(([name, secret]) =>
    Object.entries(formsOf(secret)).flatMap(([form, text]) => (content.includes(text) ? [`${name} in ${form}`] : [])),
  );
}

/** Every file below a directory. */
export function filesBelow(directory: string): { name: string; content: Buffer }[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((name) => ({ name, content: readFileSync(name) }));
}

function formsOf(secret: string): Record<string, string> {
  const bytes = Buffer.from(secret);
  const forms: Record<string, string> = {
    plain: secret,
    hex: bytes.toString('hex'),
    'URL encoding': encodeURIComponent(secret),
  };
  for (const offset of [0, 1, 2]) {
    // Characters at both ends mix with what stands beside the secret; those between are its own.
    const padded = Buffer.concat([Buffer.alloc(offset), bytes]);
    const inner = (encoding: 'base64' | 'base64url') =>
      padded
        .toString(encoding)
        .replace(/=+$/, '')
        .slice(offset === 0 ? 0 : 4, -3);
    forms[`base64 at ${offset}`] = inner('base64');
    forms[`base64url at ${offset}`] = inner('base64url');
  }
  return forms;
}
