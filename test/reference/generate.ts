import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandsPage } from './commands-page.ts';
import { environmentPage } from './environment-page.ts';
import { errorsPage } from './errors-page.ts';
import { jsonPage } from './json-page.ts';
import { publishedSchemas } from './json-schemas.ts';
import { limitsPage } from './limits-page.ts';
import { manPages } from './man-pages.ts';
import { MEMBERS_PAGE, schemaPages, withMemberTables } from './provider-schema.ts';
import { providersPage } from './providers-page.ts';

/** Where what is generated is kept, and under it only that. */
export const GENERATED = ['docs/reference', 'docs/man'] as const;

/** Every generated file by its path from the root, made from the code as it is now. */
export async function generatedFiles(): Promise<Readonly<Record<string, string>>> {
  const manual = Object.entries(await manPages());
  return {
    'docs/reference/commands.md': commandsPage(),
    'docs/reference/errors.md': errorsPage(),
    'docs/reference/environment.md': environmentPage(),
    'docs/reference/providers.md': providersPage(),
    'docs/reference/limits.md': limitsPage(),
    'docs/reference/json.md': jsonPage(),
    ...Object.fromEntries(
      Object.entries(publishedSchemas()).map(([name, schema]) => [
        `docs/reference/json/${name}`,
        `${JSON.stringify(schema, undefined, 2)}\n`,
      ]),
    ),
    ...Object.fromEntries(manual.map(([name, text]) => [`docs/man/${name}`, text])),
    ...Object.fromEntries(Object.entries(schemaPages()).map(([name, text]) => [`docs/reference/${name}`, text])),
  };
}

if (import.meta.main) {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  for (const [path, text] of Object.entries(await generatedFiles())) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  await writeFile(MEMBERS_PAGE, withMemberTables(await readFile(MEMBERS_PAGE, 'utf8')));
}
