/** Columns of a view: name -> dotted path in the row. */
type Columns = Readonly<Record<string, string>>;

const document: Columns = { doc_number: 'DocNumber', txn_date: 'TxnDate' };
const sold: Columns = { customer_name: 'CustomerRef.name', customer_id: 'CustomerRef.value' };
const bought: Columns = { vendor_name: 'VendorRef.name', vendor_id: 'VendorRef.value' };
const open: Columns = { total: 'TotalAmt', balance: 'Balance' };
const depositTo: Columns = { deposit_account_id: 'DepositToAccountRef.value' };
const paid: Columns = { payment_ref: 'PaymentRefNum', payment_method_id: 'PaymentMethodRef.value', ...depositTo };
const billed: Columns = { bill_email: 'BillEmail.Address', terms: 'SalesTermRef.name', memo: 'CustomerMemo.value' };
const named: Columns = { name: 'Name', full_name: 'FullyQualifiedName', active: 'Active' };
const reached: Columns = { email: 'PrimaryEmailAddr.Address', phone: 'PrimaryPhone.FreeFormNumber' };
const party: Columns = {
  name: 'DisplayName',
  company_name: 'CompanyName',
  balance: 'Balance',
  active: 'Active',
  ...reached,
};
const address: Columns = {
  city: 'BillAddr.City',
  state: 'BillAddr.CountrySubDivisionCode',
  postal_code: 'BillAddr.PostalCode',
};

/** Every row ends with it. `sync_token` is the version that an update must name. */
const row: Columns = { created_time: 'MetaData.CreateTime', sync_token: 'SyncToken' };
const list = (columns: Columns): Columns => ({ ...columns, ...row });
const transaction = (columns: Columns): Columns => ({
  ...columns,
  currency: 'CurrencyRef.value',
  exchange_rate: 'ExchangeRate',
  private_note: 'PrivateNote',
  ...row,
});
/** QuickBooks shows departments as locations; payments, transfers and journal entries have none. */
const located = (columns: Columns): Columns => transaction({ ...columns, department_name: 'DepartmentRef.name' });

/**
 * What a freight broker asks of each entity, by Intuit's name of it; `lwi records list` shows the first ones. Names of members: singer-io/tap-quickbooks
 * `tap_quickbooks/schemas`.
 */
export const COLUMNS: Readonly<Record<string, Columns>> = {
  Invoice: located({
    ...{ ...document, ...sold, due_date: 'DueDate', ...open, ...billed },
    ...{ email_status: 'EmailStatus', ship_date: 'ShipDate', tracking_number: 'TrackingNum' },
  }),
  Estimate: located({
    ...{ ...document, ...sold, total: 'TotalAmt', status: 'TxnStatus', ...billed },
    ...{ expiration_date: 'ExpirationDate', accepted_date: 'AcceptedDate' },
  }),
  CreditMemo: located({ ...document, ...sold, ...open, remaining_credit: 'RemainingCredit', ...billed }),
  SalesReceipt: located({ ...document, ...sold, ...open, ...paid }),
  RefundReceipt: located({ ...document, ...sold, ...open, ...paid }),
  Payment: transaction({ txn_date: 'TxnDate', ...sold, total: 'TotalAmt', unapplied: 'UnappliedAmt', ...paid }),

  Bill: located({ ...document, ...bought, due_date: 'DueDate', ...open, terms: 'SalesTermRef.name' }),
  VendorCredit: located({ ...document, ...bought, ...open }),
  PurchaseOrder: located({
    ...{ ...document, ...bought, due_date: 'DueDate', total: 'TotalAmt', status: 'POStatus', memo: 'Memo' },
  }),
  BillPayment: located({
    ...{ ...document, ...bought, total: 'TotalAmt', pay_type: 'PayType', check_status: 'CheckPayment.PrintStatus' },
    ...{
      bank_account_id: 'CheckPayment.BankAccountRef.value',
      card_account_id: 'CreditCardPayment.CCAccountRef.value',
    },
  }),
  Purchase: located({
    ...{ ...document, payee_name: 'EntityRef.name', total: 'TotalAmt', payment_type: 'PaymentType' },
    ...{ payee_id: 'EntityRef.value', payee_type: 'EntityRef.type', is_credit: 'Credit' },
    ...{ account_id: 'AccountRef.value', account_name: 'AccountRef.name' },
  }),

  Deposit: located({
    txn_date: 'TxnDate',
    total: 'TotalAmt',
    account_name: 'DepositToAccountRef.name',
    ...depositTo,
  }),
  Transfer: transaction({
    ...{ txn_date: 'TxnDate', amount: 'Amount' },
    ...{ from_account_name: 'FromAccountRef.name', to_account_name: 'ToAccountRef.name' },
    ...{ from_account_id: 'FromAccountRef.value', to_account_id: 'ToAccountRef.value' },
  }),
  JournalEntry: transaction({ ...document, total: 'TotalAmt', adjustment: 'Adjustment' }),

  Customer: list({
    ...{ ...party, balance_with_jobs: 'BalanceWithJobs', parent_id: 'ParentRef.value', terms: 'SalesTermRef.name' },
    ...{ ...address, taxable: 'Taxable', currency: 'CurrencyRef.value' },
  }),
  Vendor: list({
    ...{ ...party, account_number: 'AcctNum', terms: 'TermRef.name', is_1099: 'Vendor1099' },
    ...{ name_on_check: 'PrintOnCheckName', ...address, currency: 'CurrencyRef.value' },
  }),
  Employee: list({
    ...{ name: 'DisplayName', given_name: 'GivenName', family_name: 'FamilyName', active: 'Active', ...reached },
    ...{ hired_date: 'HiredDate', released_date: 'ReleasedDate' },
  }),
  Item: list({
    ...{ ...named, type: 'Type', sku: 'Sku', unit_price: 'UnitPrice', purchase_cost: 'PurchaseCost' },
    ...{ description: 'Description', income_account_id: 'IncomeAccountRef.value' },
    ...{ expense_account_id: 'ExpenseAccountRef.value', taxable: 'Taxable' },
  }),
  Account: list({
    ...{ ...named, type: 'AccountType', sub_type: 'AccountSubType', classification: 'Classification' },
    ...{ number: 'AcctNum', balance: 'CurrentBalance', balance_with_subs: 'CurrentBalanceWithSubAccounts' },
    ...{ parent_id: 'ParentRef.value', currency: 'CurrencyRef.value' },
  }),
  Class: list({ ...named, parent_id: 'ParentRef.value' }),
  Department: list({ ...named, parent_id: 'ParentRef.value' }),
  Term: list({
    ...{ name: 'Name', active: 'Active', type: 'Type', due_days: 'DueDays' },
    ...{ discount_days: 'DiscountDays', discount_percent: 'DiscountPercent' },
  }),
  PaymentMethod: list({ name: 'Name', active: 'Active', type: 'Type' }),
  TaxCode: list({
    name: 'Name',
    description: 'Description',
    active: 'Active',
    taxable: 'Taxable',
    is_group: 'TaxGroup',
  }),
  Budget: list({
    ...{ name: 'Name', active: 'Active', type: 'BudgetType', entry_type: 'BudgetEntryType' },
    ...{ start_date: 'StartDate', end_date: 'EndDate' },
  }),
  TaxAgency: list({ name: 'DisplayName', registration_number: 'TaxRegistrationNumber', last_filed: 'LastFileDate' }),
  TaxRate: list({
    ...{ name: 'Name', description: 'Description', active: 'Active', rate: 'RateValue', agency_id: 'AgencyRef.value' },
  }),
  TimeActivity: list({
    ...{ txn_date: 'TxnDate', name_of: 'NameOf', employee_name: 'EmployeeRef.name', vendor_name: 'VendorRef.name' },
    ...{ ...sold, hours: 'Hours', minutes: 'Minutes', hourly_rate: 'HourlyRate', billable_status: 'BillableStatus' },
    ...{ description: 'Description', employee_id: 'EmployeeRef.value', vendor_id: 'VendorRef.value' },
  }),
};
