import { expect, test } from 'vitest';
import { advisoriesFor } from '../../bin/shipping/advisories.mts';
import { isAllowedLicense } from '../../bin/shipping/license-expression.mts';
import { toSbom } from '../../bin/shipping/sbom.mts';
import type { ShippedPackage } from '../../bin/shipping/shipped-package.mts';
import { assertSound } from '../../bin/shipping/sound-sbom.mts';

const packageAt = (place: string, more: Partial<ShippedPackage> = {}): ShippedPackage => ({
  ...{
    name: place.slice(place.lastIndexOf('node_modules/') + 13),
    version: '1.2.3',
    license: 'MIT',
    place,
    folder: '',
  },
  ...more,
});

test.each(['MIT', 'ISC', '(MIT OR GPL-3.0-only)', 'MIT AND (Apache-2.0 OR LGPL-2.1)', 'GPL-2.0-only OR MIT AND ISC'])(
  'the licence %s is allowed',
  (expression) => expect(isAllowedLicense(expression)).toBe(true),
);

test.each([
  ...['', 'GPL-3.0-only', 'MIT AND GPL-3.0-only', '(MIT OR ISC) AND AGPL-3.0-only', 'SEE LICENSE IN LICENSE.md'],
  ...['UNLICENSED', 'MIT OR', '(MIT', 'MIT)', 'GPL-2.0-only WITH Classpath-exception-2.0', 'mit'],
])('the licence "%s" is not', (expression) => expect(isAllowedLicense(expression)).toBe(false));

test('an advisory counts when its own package is shipped, at the place that is', () => {
  const advisory = { severity: 'high', title: 'a hole', url: 'https://example.test/1', range: '<2', source: 1 };
  const entry = (name: string, nodes: string[], via: unknown[]) => ({ name, nodes, via });
  const report = JSON.stringify({
    vulnerabilities: {
      inside: entry('inside', ['node_modules/a/node_modules/inside'], [{ ...advisory, name: 'inside' }]),
      elsewhere: entry('elsewhere', ['node_modules/elsewhere'], [{ ...advisory, name: 'elsewhere' }]),
      // It is named only because of a package that it needs, and that is not shipped.
      user: entry('user', ['node_modules/user'], ['elsewhere']),
    },
  });
  const shipped = [packageAt('node_modules/a/node_modules/inside'), packageAt('node_modules/user')];
  expect(advisoriesFor(shipped, report)).toEqual([
    { name: 'inside', severity: 'high', title: 'a hole', url: 'https://example.test/1' },
  ]);
});

test.each(['', 'not JSON', 'null', '{"message":"405 Method Not Allowed","error":{}}', '[]'])(
  'the answer %j is no audit, which is not the same as nothing found',
  (answer) => expect(advisoriesFor([], answer)).toBeUndefined(),
);

test('the SBOM names each package once, with what is inside it and what needs it', () => {
  const sbom = toSbom({
    ...{ name: 'lwi', version: '0.1.0', license: 'MIT', sqlite: '3.53.0', node: '24.21.0' },
    bundled: [packageAt('node_modules/@a/b', { license: '(MIT OR ISC)' }), packageAt('node_modules/better-sqlite3')],
    installed: [packageAt('node_modules/better-sqlite3'), packageAt('node_modules/@a/b/node_modules/c')],
    locked: {
      'node_modules/@a/b': { integrity: 'sha512-AP8=', dependencies: { c: '1', 'better-sqlite3': '1', d: '1' } },
      'node_modules/@a/b/node_modules/c': { dependencies: { 'better-sqlite3': '1' } },
      'node_modules/c': {},
      'node_modules/better-sqlite3': {},
      'node_modules/d': {},
    },
  });
  const refs = sbom.components.map((each) => each['bom-ref']);
  expect(refs).toEqual([
    'node_modules/@a/b',
    'node_modules/better-sqlite3',
    'node_modules/@a/b/node_modules/c',
    'node',
  ]);
  expect(sbom.components[0]).toMatchObject({
    purl: 'pkg:npm/%40a/b@1.2.3',
    licenses: [{ expression: '(MIT OR ISC)' }],
    hashes: [{ alg: 'SHA-512', content: '00ff' }],
  });
  expect(sbom.components[1]).toMatchObject({ components: [{ name: 'SQLite', version: '3.53.0' }] });
  const needs = Object.fromEntries(sbom.dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
  expect(needs['lwi@0.1.0']).toEqual(refs);
  expect(needs['node_modules/@a/b']).toEqual(['node_modules/@a/b/node_modules/c', 'node_modules/better-sqlite3']);
  expect(needs['node_modules/@a/b/node_modules/c']).toEqual(['node_modules/better-sqlite3']);
  expect(() => assertSound(sbom)).not.toThrow();
  const [first, ...rest] = sbom.components;
  expect(() => assertSound({ ...sbom, components: rest })).toThrow(/@a\/b is named and not there/);
  expect(() => assertSound({ ...sbom, components: [...sbom.components, ...(first ? [first] : [])] })).toThrow(/twice/);
  const unlicensed = rest.map((each) => ({ ...each, licenses: [{ license: { id: '' } }] }));
  expect(() => assertSound({ ...sbom, components: unlicensed })).toThrow(/better-sqlite3 has no licence/);
});
