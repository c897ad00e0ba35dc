import { describe, expect, test } from 'vitest';
import { VIEW_COLUMNS, viewName, viewsOf } from '../../src/providers/record-view.ts';
import { BUILT_IN } from '../../src/providers/registry.ts';
import type { Stream } from '../../src/providers/stream.ts';

describe('the name of a view', () => {
  test.each([
    ['quickbooks', 'invoices', 'quickbooks_invoice'],
    ['quickbooks', 'classes', 'quickbooks_class'],
    ['quickbooks', 'journal-entries', 'quickbooks_journal_entry'],
    ['quickbooks', 'time-activities', 'quickbooks_time_activity'],
    ['quickbooks', 'purchases', 'quickbooks_purchase'],
    ['quickbooks', 'tax-agencies', 'quickbooks_tax_agency'],
    ['quickbooks', 'sales-receipts', 'quickbooks_sales_receipt'],
    ['slack', 'messages', 'slack_message'],
    ['mycarrierpackets', 'completed-packets', 'mycarrierpackets_completed_packet'],
    ['mycarrierpackets', 'carrier-changes', 'mycarrierpackets_carrier_change'],
    ['acme-tms', 'branches', 'acme_tms_branch'],
    ['acme', 'taxes', 'acme_tax'],
    ['acme', 'boxes', 'acme_box'],
    ['acme', 'statuses', 'acme_status'],
    ['acme', 'warehouses', 'acme_warehouse'],
    ['acme', 'expenses', 'acme_expense'],
    ['acme', 'status', 'acme_status'],
    ['acme', 'address', 'acme_address'],
    ['acme', 'staff', 'acme_staff'],
    ['acme', 's', 'acme_s'],
  ])('of %s %s is %s', (provider, stream, name) => {
    expect(viewName(provider, stream)).toBe(name);
  });
});

describe('views', () => {
  const stream = (name: string) => ({ name, columns: {} }) as Stream;

  test('of streams whose singulars are the same have different names all the same', () => {
    const streams = ['items', 'item', 'item_2', 'load-stops', 'load_stops'].map(stream);
    expect(viewsOf({ id: 'acme', streams }).map(({ name }) => name)).toEqual([
      'acme_item',
      'acme_item_2',
      'acme_item_2_2',
      'acme_load_stop',
      'acme_load_stops',
    ]);
  });

  test.each(BUILT_IN)('of $title have names and columns of their own', (provider) => {
    const views = viewsOf(provider);
    expect(new Set(views.map(({ name }) => name)).size).toBe(provider.streams.length);
    for (const { name, entity, columns } of views) {
      expect(name).toBe(viewName(provider.id, entity));
      for (const [column, path] of Object.entries(columns)) {
        expect(VIEW_COLUMNS).not.toContain(column);
        expect([column, path]).toEqual([
          expect.stringMatching(/^[a-z][a-z0-9_]*$/),
          expect.stringMatching(/^[\w.-]+$/),
        ]);
      }
    }
  });
});
