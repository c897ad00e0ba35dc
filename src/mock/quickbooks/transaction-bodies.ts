import { carrierName, lane, load, place, shipperName } from '../freight.ts';
import { hashOf } from '../seeded-random.ts';
import { type Entity, reference } from './entity.ts';

/** Which customer or vendor a transaction belongs to; there are at least as many of them as of transactions. */
const partyOf = (index: number) => Math.floor(index / 3);
/** The shipper of a sale. */
export const customer = (seed: number, index: number) =>
  reference(partyOf(index) + 1, shipperName(seed, partyOf(index)));
/** The carrier of a purchase. */
const vendor = (seed: number, index: number) => reference(partyOf(index) + 1, carrierName(seed, partyOf(index)));

/** A postal address in the shape of QuickBooks. */
export function address(seed: number, index: number) {
  const { city, state, zip } = place(seed, index);
  return {
    Line1: `${100 + (hashOf(seed, index) % 8900)} Terminal Road`,
    City: city,
    CountrySubDivisionCode: state,
    PostalCode: zip,
  };
}

/** A load sold to a shipper: invoice, estimate and their like. US dollars. */
export const sale: Entity['body'] = (seed, index) => {
  const shipment = load(seed, index);
  const freight = {
    Description: `Load ${shipment.number}: ${lane(shipment)}, ${shipment.equipment}, ${shipment.miles} mi`,
  };
  const detail = {
    ItemRef: reference(1, 'Freight'),
    Qty: 1,
    UnitPrice: shipment.revenue,
    TaxCodeRef: { value: 'NON' },
  };
  return {
    CustomerRef: customer(seed, index),
    BillAddr: address(seed, partyOf(index)),
    Line: [
      {
        Id: '1',
        LineNum: 1,
        ...freight,
        Amount: shipment.revenue,
        DetailType: 'SalesItemLineDetail',
        SalesItemLineDetail: detail,
      },
      { Amount: shipment.revenue, DetailType: 'SubTotalLineDetail', SubTotalLineDetail: {} },
    ],
    TotalAmt: shipment.revenue,
    Balance: hashOf(seed, 7, index) % 3 === 0 ? shipment.revenue : 0,
  };
};

/** A load bought from a carrier: bill, purchase order and their like. US dollars. */
export const purchase: Entity['body'] = (seed, index) => {
  const shipment = load(seed, index);
  const detail = { AccountRef: reference(2, 'Purchased transportation'), BillableStatus: 'NotBillable' };
  const line = {
    Description: `Load ${shipment.number}: ${lane(shipment)}`,
    DetailType: 'AccountBasedExpenseLineDetail',
  };
  return {
    VendorRef: vendor(seed, index),
    Line: [{ Id: '1', ...line, Amount: shipment.cost, AccountBasedExpenseLineDetail: detail }],
    TotalAmt: shipment.cost,
  };
};

/** Money moved between accounts. */
export const transfer: Entity['body'] = (seed, index) => ({
  Amount: load(seed, index).cost,
  TotalAmt: load(seed, index).cost,
});
