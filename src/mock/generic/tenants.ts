import type { Tenant } from '../authorization-page.ts';
import { shipperName } from '../freight.ts';

/** The two companies that a person can choose between at the mock of a definition. */
export function tenantsOf(seed: number): readonly [Tenant, Tenant] {
  return [tenant(seed, 0), tenant(seed, 1)];
}

function tenant(seed: number, index: number): Tenant {
  return { id: String(7_000_001 + index), name: shipperName(seed, index) };
}
