import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

interface Source {
  /** Path from the root with slashes. */
  readonly path: string;
  readonly text: string;
  /** Paths of files of the project that are imported, statically or not, types included. */
  readonly imports: readonly string[];
  /** The same without type-only imports. */
  readonly runtime: readonly string[];
  readonly packages: readonly string[];
}

const sources = ['src', 'commands'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => read(`${folder}/${name}`)),
);

describe('the house', () => {
  it('has sources to look at', () => expect(sources.length).toBeGreaterThan(100));

  it.each([['src/errors.ts', 'src/secret.ts', 'src/clock.ts']])(
    'the ground floor imports nothing of the project but errors: %s, %s, %s',
    (...paths) => {
      for (const path of paths) expect(source(path).imports.filter((each) => each !== 'src/errors.ts')).toEqual([]);
    },
  );

  /** From -> what it may not import at run time. Each row is one floor of the house; the floors below import less. */
  it.each<[string, string[]]>([
    ['src/', ['commands/']],
    ['src/checks/', ['src/context', 'src/config', 'src/terminal.ts', 'src/output.ts', 'src/prompt.ts']],
    ...['http', 'oauth', 'store', 'vault', 'sync', 'webhooks', 'providers', 'mock', 'recording'].map(
      (folder): [string, string[]] => [`src/${folder}/`, ['src/checks/']],
    ),
    ['src/http/', ['src/oauth/', 'src/sync/', 'src/webhooks/', 'src/context', 'src/config', 'src/mock/']],
    ['src/vault/', ['src/oauth/', 'src/http/', 'src/sync/', 'src/webhooks/', 'src/context', 'src/mock/']],
    ['src/store/', ['src/oauth/', 'src/http/', 'src/sync/', 'src/webhooks/', 'src/vault/', 'src/context', 'src/mock/']],
    [
      'src/oauth/',
      ['src/sync/', 'src/webhooks/', 'src/context', 'src/store/sqlite', 'src/store/postgres', 'src/mock/'],
    ],
    [
      'src/sync/',
      ['src/oauth/', 'src/webhooks/', 'src/context', 'src/store/sqlite', 'src/store/postgres', 'src/mock/'],
    ],
    ['src/webhooks/', ['src/oauth/', 'src/sync/', 'src/http/', 'src/store/', 'src/context', 'src/mock/']],
    [
      'src/providers/',
      ['src/oauth/', 'src/sync/', 'src/store/', 'src/vault/', 'src/context', 'src/terminal.ts', 'src/mock/'],
    ],
    [
      'src/mock/',
      [
        'src/oauth/',
        'src/sync/',
        'src/store/',
        'src/vault/',
        'src/context',
        'src/terminal.ts',
        'src/providers/quickbooks',
        'src/providers/slack',
        'src/providers/mycarrierpackets',
      ],
    ],
  ])('%s imports only downwards', (from, forbidden) => {
    const broken = sources
      .filter(({ path }) => path.startsWith(from))
      .flatMap(({ path, runtime }) =>
        runtime.filter((to) => forbidden.some((start) => to.startsWith(start))).map((to) => `${path} -> ${to}`),
      );
    expect(broken).toEqual([]);
  });

  it('only commands know the context, and only as the type that they are given', () => {
    const knowing = sources.filter(
      ({ path, imports }) => !path.startsWith('commands/') && imports.includes('src/context.ts'),
    );
    expect(knowing.map(({ path }) => path)).toEqual([]);
  });

  it('what the context is made of is known to the context alone', () => {
    const within = (path: string) => path === 'src/context.ts' || path.startsWith('src/context/');
    const knowing = sources.filter(
      ({ path, imports }) => !within(path) && imports.some((to) => to.startsWith('src/context/')),
    );
    expect(knowing.map(({ path }) => path)).toEqual([]);
  });

  it('a built-in provider knows no other provider', () => {
    const folders = ['quickbooks', 'slack', 'mycarrierpackets', 'generic'];
    const broken = sources.flatMap(({ path, imports }) => {
      const own = folders.find((folder) => path.startsWith(`src/providers/${folder}/`));
      if (!own) return [];
      return imports
        .filter((to) => folders.some((folder) => folder !== own && to.startsWith(`src/providers/${folder}/`)))
        .map((to) => `${path} -> ${to}`);
    });
    expect(broken).toEqual([]);
  });

  it('has no circular imports at run time', () => expect(circles()).toEqual([]));

  it('imports each third-party package in one file', () => {
    const importers = new Map<string, string[]>();
    for (const { path, packages } of sources) {
      // One folder for commander: the tree is built in program.ts, and every command describes itself with its types.
      const place = path.startsWith('commands/') ? 'commands/' : path;
      for (const name of packages) importers.set(name, [...new Set([...(importers.get(name) ?? []), place])]);
    }
    expect([...importers].filter(([, places]) => places.length > 1)).toEqual([]);
    expect(importers.get('commander')).toEqual(['commands/']);
  });
});

describe('the rules', () => {
  const outside = (pattern: RegExp, allowed: readonly string[]) =>
    sources
      .filter(({ path, text }) => !allowed.includes(path) && pattern.test(withoutComments(text)))
      .map(({ path }) => path);

  it('time and chance come from the clock alone', () => {
    expect(
      outside(/\bDate\.now\(|\bnew Date\(\)|\bsetTimeout\(|\bsetInterval\(|\bMath\.random\(/, ['src/clock.ts']),
    ).toEqual([]);
  });

  it('process is touched by the composition root alone', () => {
    const allowed = ['commands/main.ts', 'src/output.ts'];
    expect(outside(/\bprocess\.(argv|env|exit|stdin|stdout|stderr|cwd|on|kill|pid)\b/, allowed)).toEqual([]);
  });

  it('nobody writes to the console', () => {
    expect(outside(/\bconsole\./, [])).toEqual([]);
  });

  it('a statement of SQL stands in the store only', () => {
    const broken = sources.filter(
      ({ path, text }) =>
        !/^src\/store\/(sqlite|postgres)\//.test(path) &&
        /\b(SELECT .+ FROM|INSERT INTO|DELETE FROM)\b/.test(withoutComments(text)),
    );
    // QuickBooks' query language is no SQL of ours, and is written in lower case.
    expect(broken.map(({ path }) => path)).toEqual([]);
  });

  it('no file is a drawer for odds and ends', () => {
    expect(
      sources.filter(({ path }) => /\/(utils?|helpers?|common|misc)(\.ts|\/)/.test(path)).map(({ path }) => path),
    ).toEqual([]);
  });

  it('no test replaces a module', () => {
    const tests = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ts'),
    );
    const word = ['vi', 'mock('].join('.');
    expect(tests.filter((name) => readFileSync(join(ROOT, 'test', name), 'utf8').includes(word))).toEqual([]);
  });
});

function source(path: string): Source {
  const found = sources.find((each) => each.path === path);
  if (!found) throw new Error(`there is no ${path}`);
  return found;
}

function read(path: string): Source {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const all = [...text.matchAll(/(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/g)].map(
    (match) => ({ name: match[2] ?? '', type: match[1] !== undefined }),
  );
  const lazy = [...text.matchAll(/\bimport\('([^']+)'\)/g)].map((match) => ({
    name: match[1] ?? '',
    type: text.slice(Math.max(0, (match.index ?? 0) - 7), match.index).includes('typeof'),
  }));
  const found = [...all, ...lazy];
  const own = found
    .filter(({ name }) => name.startsWith('.'))
    .map(({ name, type }) => ({ type, path: relative(ROOT, join(ROOT, dirname(path), name)).replaceAll('\\', '/') }));
  return {
    path,
    text,
    imports: own.map((each) => each.path),
    runtime: own.filter(({ type }) => !type).map((each) => each.path),
    packages: [
      ...new Set(
        found
          .filter(({ name }) => !name.startsWith('.') && !name.startsWith('node:'))
          .map(({ name }) => packageOf(name)),
      ),
    ],
  };
}

function packageOf(name: string): string {
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
}

/** Static run-time imports that lead back to where they started; `import()` is a seam and does not count. */
function circles(): string[] {
  const graph = new Map(
    sources.map(({ path, text, runtime }) => [
      path,
      runtime.filter((to) => !text.includes(`import('`) || staticImport(text, path, to)),
    ]),
  );
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]) => {
    if (trail.includes(path)) return void found.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
    if (done.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return found;
}

function staticImport(text: string, path: string, to: string): boolean {
  const name = relative(dirname(join(ROOT, path)), join(ROOT, to)).replaceAll('\\', '/');
  return new RegExp(`from '${name.startsWith('.') ? name : `./${name}`}'`.replaceAll('.', '\\.')).test(text);
}
