/** A kind of object of the accounting API. */
export interface Entity {
  /** Name of the stream. */
  readonly stream: string;
  /** Name at Intuit, as queries and answers spell it. */
  readonly name: string;
  /** Whether change data capture carries it. */
  readonly changeData: boolean;
  /** Whether queries hide its inactive rows unless asked for them. */
  readonly hidesInactive: boolean;
}

const transaction = (stream: string, name: string): Entity => ({
  stream,
  name,
  changeData: true,
  hidesInactive: false,
});
const nameList = (stream: string, name: string): Entity => ({ stream, name, changeData: true, hidesInactive: true });

/** What can be pulled. Source for both columns: singer-io/tap-quickbooks `tap_quickbooks/streams.py`. */
export const ENTITIES: readonly Entity[] = [
  transaction('invoices', 'Invoice'),
  nameList('customers', 'Customer'),
  transaction('payments', 'Payment'),
  transaction('bills', 'Bill'),
  nameList('vendors', 'Vendor'),
  nameList('items', 'Item'),
  nameList('accounts', 'Account'),
  transaction('estimates', 'Estimate'),
  transaction('credit-memos', 'CreditMemo'),
  transaction('sales-receipts', 'SalesReceipt'),
  transaction('purchases', 'Purchase'),
  transaction('deposits', 'Deposit'),
  transaction('journal-entries', 'JournalEntry'),
  transaction('bill-payments', 'BillPayment'),
  transaction('vendor-credits', 'VendorCredit'),
  transaction('refund-receipts', 'RefundReceipt'),
  transaction('transfers', 'Transfer'),
  transaction('purchase-orders', 'PurchaseOrder'),
  nameList('employees', 'Employee'),
  nameList('classes', 'Class'),
  nameList('departments', 'Department'),
  nameList('terms', 'Term'),
  nameList('payment-methods', 'PaymentMethod'),
  nameList('budgets', 'Budget'),
  { stream: 'tax-codes', name: 'TaxCode', changeData: false, hidesInactive: true },
  { stream: 'tax-rates', name: 'TaxRate', changeData: false, hidesInactive: true },
  { stream: 'tax-agencies', name: 'TaxAgency', changeData: false, hidesInactive: false },
  { stream: 'time-activities', name: 'TimeActivity', changeData: false, hidesInactive: false },
];

const BY_LETTERS = new Map(ENTITIES.map((entity) => [entity.name.toLowerCase(), entity]));

/** The entity that a webhook means, in whatever spelling: `CreditMemo`, `creditmemo`, `credit_memo`. */
export function entityNamed(name: string): Entity | undefined {
  return BY_LETTERS.get(name.toLowerCase().replace(/[^a-z]/g, ''));
}
