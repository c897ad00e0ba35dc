import type { StreamRecord } from '../../src/providers/stream.ts';
import type { NewConnection, SealedToken, Store } from '../../src/store/store.ts';
import type { CommitRecord, PageCommit, SyncTarget } from '../../src/store/sync-tables.ts';

export const NOW = 1_760_000_000_000;
export const KEY = { account: 'acme', provider: 'quickbooks' };
export const TARGET: SyncTarget = { ...KEY, externalId: '9341453421' };

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The UUID of a connection. */
export const sampleId = (number: number): string => `3f0c7a52-0f6e-4c55-9d2b-${String(number).padStart(12, '0')}`;

/** A sealed token with everything in it; the store never looks inside ciphertexts. */
export function sampleToken(mark = '1'): SealedToken {
  return {
    accessToken: bytes(`access-${mark}`),
    refreshToken: bytes(`refresh-${mark}`),
    idToken: bytes(`id-${mark}`),
    tokenType: 'bearer',
    issuedAt: NOW,
    expiresAt: NOW + 3_600_000,
    refreshExpiresAt: NOW + 8_640_000_000,
    refreshHardExpiresAt: NOW + 157_680_000_000,
    scopes: ['com.intuit.quickbooks.accounting', 'openid'],
  };
}

export function sampleConnection(change: Partial<NewConnection> = {}): NewConnection {
  return {
    ...KEY,
    id: sampleId(1),
    env: 'production',
    variant: 'bot',
    client: bytes('client'),
    externalId: TARGET.externalId,
    externalName: 'Acme Freight',
    externalUserId: 'U1',
    token: sampleToken(),
    at: NOW,
    ...change,
  };
}

export function sampleRecord(id: string, change: Partial<StreamRecord> = {}): StreamRecord {
  return { id, updatedAt: NOW, deleted: false, data: { id, amount: 1 }, ...change };
}

export function samplePage(records: readonly CommitRecord[], change: Partial<PageCommit> = {}): PageCommit {
  return {
    target: TARGET,
    entity: 'invoices',
    run: 1,
    records,
    rejected: [],
    progress: { watermark: NOW },
    at: NOW,
    ...change,
  };
}

/** Where an entity stands, without the moment at which that was asked. */
export async function standing(store: Store, entity: string) {
  const cursor = await store.cursor(TARGET, entity);
  return cursor && { ...cursor, readAt: undefined };
}
