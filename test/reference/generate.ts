import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { commandsPage } from './commands-page.ts';
import { environmentPage } from './environment-page.ts';
import { errorsPage } from './errors-page.ts';
import { MEMBERS_PAGE, schemaPages, withMemberTables } from './provider-schema.ts';
import { providersPage } from './providers-page.ts';

/** Where the generated pages are kept. */
export const REFERENCE = fileURLToPath(new URL('../../docs/reference/', import.meta.url));

/** Every page of the reference by its file name, made from the code as it is now. */
export function referencePages(): Readonly<Record<string, string>> {
  return {
    'commands.md': commandsPage(),
    'errors.md': errorsPage(),
    'environment.md': environmentPage(),
    'providers.md': providersPage(),
    ...schemaPages(),
  };
}

if (import.meta.main) {
  await mkdir(REFERENCE, { recursive: true });
  for (const [name, text] of Object.entries(referencePages())) await writeFile(`${REFERENCE}${name}`, text);
  await writeFile(MEMBERS_PAGE, withMemberTables(await readFile(MEMBERS_PAGE, 'utf8')));
}
