interface Sbom {
  readonly components: readonly {
    readonly 'bom-ref': string;
    readonly name: string;
    readonly version: string;
    readonly licenses: readonly { readonly license?: { readonly id: string }; readonly expression?: string }[];
  }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
  readonly metadata: { readonly component: { readonly 'bom-ref': string } };
}

/**
 * Throws when a part of an SBOM has no version or no licence, stands there twice, or is named and not there: what a reader of CycloneDX refuses, or
 * what would not be the truth.
 */
export function assertSound({ components, dependencies, metadata }: Sbom): void {
  const refs = components.map((each) => each['bom-ref']);
  const known = new Set([metadata.component['bom-ref'], ...refs]);
  const named = dependencies.flatMap(({ ref, dependsOn }) => [ref, ...dependsOn]);
  const problems = [
    ...refs.filter((ref, index) => refs.indexOf(ref) !== index).map((ref) => `${ref} is there twice`),
    ...named.filter((ref) => !known.has(ref)).map((ref) => `${ref} is named and not there`),
    ...components.filter(({ version }) => !/^\d+\.\d+/.test(version)).map(({ name }) => `${name} has no version`),
    ...components
      .filter(({ licenses: [only] }) => !only?.license?.id && !only?.expression)
      .map(({ name }) => `${name} has no licence`),
  ];
  if (problems.length > 0) throw new Error(`the SBOM is not sound: ${problems.join('; ')}`);
}
