import { carrierName, load, personName, phone, shipperName } from '../freight.ts';
import { hashOf } from '../seeded-random.ts';
import { type Entity, list, named, reference, transaction } from './entity.ts';
import { address, customer, purchase, sale, transfer } from './transaction-bodies.ts';

const SALE = { required: ['CustomerRef', 'Line'], linesMake: 'balance' } as const;
const PURCHASE = { required: ['VendorRef', 'Line'], linesMake: 'total' } as const;

/** Every entity that the mock has, by its name in queries. */
export const ENTITIES: ReadonlyMap<string, Entity> = new Map(
  Object.entries({
    Customer: list((seed, index) => ({
      DisplayName: shipperName(seed, index),
      CompanyName: shipperName(seed, index),
      PrimaryPhone: { FreeFormNumber: phone(seed, index) },
      PrimaryEmailAddr: { Address: `ap${index + 1}@example.com` },
      BillAddr: address(seed, index),
      Balance: load(seed, index).revenue,
    })),
    Vendor: list((seed, index) => ({
      DisplayName: carrierName(seed, index),
      CompanyName: carrierName(seed, index),
      PrimaryPhone: { FreeFormNumber: phone(seed, index) },
      AcctNum: `MC${500_000 + index}`,
      Balance: load(seed, index).cost,
      Vendor1099: index % 4 === 0,
    })),
    Employee: list((seed, index) => {
      const { given, family } = personName(seed, index);
      return { DisplayName: `${given} ${family}`, GivenName: given, FamilyName: family };
    }),
    Item: named([
      'Freight',
      'Fuel surcharge',
      'Detention',
      'Lumper',
      'Layover',
      'Truck order not used',
      'Stop-off',
      'Drop trailer',
    ]),
    Account: named([
      'Freight income',
      'Purchased transportation',
      'Accounts receivable',
      'Accounts payable',
      'Checking',
      'Factoring fees',
    ]),
    Class: named(['Truckload', 'Less than truckload', 'Intermodal', 'Drayage']),
    Department: named(['Chicago', 'Dallas', 'Atlanta']),
    PaymentMethod: named(['ACH', 'Check', 'Wire', 'Factoring company', 'Fuel card']),
    Term: named(['Net 15', 'Net 30', 'Net 45', 'Quick pay 2 %']),
    Budget: named(['Current year', 'Next year']),
    TaxCode: named(['NON', 'TAX'], { changeFeed: false }),
    TaxRate: named(['Out of scope', 'Illinois'], { changeFeed: false }),
    TaxAgency: named(['Illinois Department of Revenue'], { changeFeed: false }),
    Invoice: transaction(sale, SALE),
    Estimate: transaction(sale, SALE),
    SalesReceipt: transaction(sale, SALE),
    CreditMemo: transaction(sale, SALE),
    RefundReceipt: transaction(sale, SALE),
    Payment: transaction(
      (seed, index) => ({
        CustomerRef: customer(seed, index),
        TotalAmt: load(seed, index).revenue,
        UnappliedAmt: 0,
        Line: [{ Amount: load(seed, index).revenue, LinkedTxn: [{ TxnId: String(index + 1), TxnType: 'Invoice' }] }],
      }),
      { required: ['CustomerRef', 'TotalAmt'] },
    ),
    Bill: transaction(purchase, PURCHASE),
    PurchaseOrder: transaction(purchase, PURCHASE),
    VendorCredit: transaction(purchase, PURCHASE),
    Purchase: transaction((seed, index, changes) => ({ ...purchase(seed, index, changes), PaymentType: 'Check' })),
    BillPayment: transaction((seed, index, changes) => ({ ...purchase(seed, index, changes), PayType: 'Check' })),
    JournalEntry: transaction(transfer),
    Deposit: transaction(transfer),
    Transfer: transaction(transfer),
    TimeActivity: transaction(
      (seed, index) => ({ NameOf: 'Employee', EmployeeRef: reference(1, 'Pat'), Hours: 1 + (hashOf(seed, index) % 8) }),
      {
        changeFeed: false,
      },
    ),
  } satisfies Record<string, Entity>),
);
