import type { Context } from '../../src/context.ts';
import type { Define } from '../shared/define.ts';

export const define: Define = (parent, run) => {
  parent
    .command('generate')
    .description('print a fresh key for LWI_ENCRYPTION_KEY or a key file')
    .action(run(generateKeyCommand));
};

async function generateKeyCommand({ terminal }: Context): Promise<undefined> {
  const { generateKey } = await import('../../src/vault/encryption-key.ts');
  const key = generateKey();
  if (terminal.json) return void terminal.document({ key });
  terminal.out(key);
  terminal.info('Keep it as you keep a password: without it the stored tokens cannot be opened.');
}
