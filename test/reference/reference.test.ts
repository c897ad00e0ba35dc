import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ERROR_MEANINGS } from '../../commands/help/error-meanings.ts';
import { ENVIRONMENT_VARIABLES } from '../../src/environment-variables.ts';
import { ERROR_KINDS, type ErrorCode } from '../../src/errors.ts';
import { isRetryable, STATUS_ROWS, TROUBLE_ROWS } from '../../src/http/taxonomy.ts';
import { BUILT_IN } from '../../src/providers/registry.ts';
import { problemWith, shownLines } from './command-lines.ts';
import { commandTree } from './commands-page.ts';
import { GENERATED, generatedFiles } from './generate.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const files = await generatedFiles();
const TABLE = 'src/environment-variables.ts';

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

function filesUnder(folder: string, ending: RegExp): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ending.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length))
    .sort();
}

const withoutCode = (markdown: string) => markdown.replace(/^```[\s\S]*?^```/gm, '');

/** Anchors of a page as GitHub makes them: lower case, without punctuation, `-1` behind the second of a name. */
function anchorsOf(page: string): string[] {
  const times = new Map<string, number>();
  return [...withoutCode(read(page)).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => {
    const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
    const name = text
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-');
    const before = times.get(name) ?? 0;
    times.set(name, before + 1);
    return before === 0 ? name : `${name}-${before}`;
  });
}

const pages = [
  ...filesUnder('docs', /\.md$/),
  ...['README.md', 'CONTRIBUTING.md'].filter((file) => existsSync(join(ROOT, file))),
];

describe('the generated reference', () => {
  test('says what the code does (else run `npm run docs`)', () => {
    const stale = Object.entries(files).filter(([path, text]) => !existsSync(join(ROOT, path)) || read(path) !== text);
    expect(stale.map(([path]) => path)).toEqual([]);
  });

  test('has no file that nothing generates', () => {
    const found = GENERATED.flatMap((folder) => filesUnder(folder, /./));
    expect(found.toSorted()).toEqual(Object.keys(files).toSorted());
  });
});

describe('the manual pages', () => {
  const manual = Object.keys(files).filter((path) => path.startsWith('docs/man/'));
  const mandoc = (words: readonly string[]) => spawnSync('mandoc', words, { cwd: ROOT, encoding: 'utf8' });

  test('are all named in the package, so that npm installs them', () => {
    // npm links what `man` lists, and nothing of a folder when it installs from a registry.
    expect(JSON.parse(read('package.json'))).toMatchObject({ man: manual.toSorted().map((path) => `./${path}`) });
  });

  test('are correct man(7)', ({ skip }) => {
    skip(mandoc(['-h']).error !== undefined, 'mandoc is not installed');
    const { stdout } = mandoc(['-T', 'lint', '-W', 'style', ...manual]);
    // They have no date on purpose.
    expect(stdout.split('\n').filter((line) => line !== '' && !line.includes('missing date'))).toEqual([]);
    // Bold letters are struck twice.
    const shown = mandoc(['-T', 'ascii', ...manual]).stdout.replace(/.[\b]/g, '');
    expect(shown).toContain('lwi webhook replay <fixture|directory|event-id...> --to <url> [options]');
    expect(shown).toContain(`"$LWI_BASE_URL/auth.test"'`);
  });
});

describe('the pages of errors and providers', () => {
  const rowsOf = (page: string | undefined) => (page ?? '').split('\n').filter((line) => line.startsWith('| '));

  test.each(Object.entries(ERROR_KINDS))('have a row for %s with what it means for a script', (name, kind) => {
    const rows = rowsOf(files['docs/reference/errors.md']).filter((line) => line.startsWith(`| \`${name}\` |`));
    const meaning = ERROR_MEANINGS[name as ErrorCode];
    const remedy = kind.remedy.replaceAll('{provider}', '<provider>');
    const row = `| \`${name}\` | ${kind.retryable ? 'yes' : 'no'} | ${meaning} | ${remedy} |`;
    expect(rows.map((line) => line.replaceAll('\\<', '<'))).toEqual([row]);
  });

  test.each([...STATUS_ROWS, ...TROUBLE_ROWS])('have a row for $when', (row) => {
    const rows = rowsOf(files['docs/reference/errors.md']).filter((line) =>
      line.startsWith(`| ${row.when} | ${row.meaning} |`),
    );
    expect(rows.map((line) => line.split(' | ').slice(2, 5))).toEqual([
      [`\`${row.code}\``, String(ERROR_KINDS[row.code].exit), isRetryable(row) ? 'yes' : 'no'],
    ]);
  });

  test.each(BUILT_IN)('have a row for every code of $title', ({ title, faultCodes }) => {
    const section = (files['docs/reference/providers.md'] ?? '').split(/^## /m).find((part) => part.startsWith(title));
    const rows = rowsOf(section).map((line) => line.split(' | ').slice(0, 3).join(' | '));
    expect(faultCodes.length).toBeGreaterThan(0);
    for (const { code, meaning, error } of faultCodes) {
      expect(rows).toContain(`| \`${code.replaceAll('|', '\\|')}\` | ${meaning} | \`${error}\``);
    }
  });
});

describe('the table of environment variables', () => {
  const code = [...filesUnder('src', /\.ts$/), ...filesUnder('commands', /\.ts$/), 'bin/lwi.js']
    .filter((file) => file !== TABLE && !file.startsWith('src/mock/'))
    .map(read)
    .join('\n');
  const patterns = ENVIRONMENT_VARIABLES.map(({ name }) => new RegExp(`^${name.replace('<PROVIDER>', '[A-Z0-9_]+')}$`));

  test('names every variable of lwi that the code names', () => {
    const named = [...new Set(code.match(/\bLWI_[A-Z][A-Z_]*[A-Z]\b/g))];
    expect(named.filter((name) => !patterns.some((pattern) => pattern.test(name)))).toEqual([]);
  });

  test('names nothing that the code does not read', () => {
    const known = ENVIRONMENT_VARIABLES.filter(({ readBy }) => readBy === undefined).map(({ name }) => name);
    const word = (name: string) => name.replace('LWI_<PROVIDER>_', '').toLowerCase().replaceAll('_', '-');
    const isRead = (name: string) =>
      name.includes('<') ? code.includes(`'${word(name)}'`) : new RegExp(`\\b${name}\\b`).test(code);
    expect(known.filter((name) => !isRead(name))).toEqual([]);
  });
});

describe('the pages', () => {
  test('show only command lines that lwi understands', () => {
    const program = commandTree();
    const lines = pages.flatMap((file) => shownLines(file, read(file)));
    const wrong = lines.flatMap(({ file, line, text }) => {
      const problem = problemWith(program, text);
      return problem === undefined ? [] : [`${file}:${line}: ${problem}: ${text}`];
    });
    expect(wrong).toEqual([]);
    expect(lines.length).toBeGreaterThan(100);
  });

  test('link only to headings that exist', () => {
    const broken = pages.flatMap((file) =>
      [...withoutCode(read(file)).matchAll(/\]\(([^)#\s:]*)#([^)\s]+)\)/g)]
        .map(([, target = '', anchor = '']) => ({ page: target === '' ? file : join(dirname(file), target), anchor }))
        .filter(
          ({ page, anchor }) =>
            page.endsWith('.md') && !(existsSync(join(ROOT, page)) && anchorsOf(page).includes(anchor)),
        )
        .map(({ page, anchor }) => `${file}: ${page}#${anchor}`),
    );
    expect(broken).toEqual([]);
    expect(anchorsOf('docs/reference/commands.md')).toContain('lwi-token-inspect');
  });

  test('link only to files that exist', () => {
    const broken = pages.flatMap((file) =>
      [...read(file).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
        .map(([, target = '']) => target)
        .filter((target) => !existsSync(join(ROOT, dirname(file), target)))
        .map((target) => `${file}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  test('name only source files and folders that exist', () => {
    // The pages of providers name files of other projects as their sources.
    const ours = pages.filter((file) => !file.startsWith('docs/providers/'));
    const broken = ours.flatMap((file) =>
      [...read(file).matchAll(/`((?:src|commands|bin|test|docs)\/[\w./-]+)`/g)]
        .map(([, path = '']) => path)
        .filter((path) => !existsSync(join(ROOT, path)))
        .map((path) => `${file}: ${path}`),
    );
    expect(broken).toEqual([]);
  });

  test('notice a command, an option or an argument too many', () => {
    const program = commandTree();
    const lines = [
      'lwi teleport',
      'lwi token forge slack',
      'lwi sync --rewind',
      'lwi status quickbooks',
      'lwi sync slack --entity users channels --json',
      'lwi -a north token inspect quickbooks -vv',
    ];
    expect(lines.map((line) => problemWith(program, line))).toEqual([
      'lwi has no command teleport',
      'lwi token has no command forge',
      'lwi sync has no option --rewind',
      'lwi status takes 0 arguments, not 1',
      undefined,
      undefined,
    ]);
  });
});
