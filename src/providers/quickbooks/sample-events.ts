import { randomText, randomUuid, type SampleFacts, type WebhookSamples } from '../webhook-samples.ts';

/** Action in CloudEvents, operation in the legacy form, and what has happened. */
const ACTIONS = {
  C: { action: 'created', operation: 'Create', about: 'was created' },
  U: { action: 'updated', operation: 'Update', about: 'was changed' },
  D: { action: 'deleted', operation: 'Delete', about: 'was deleted' },
  M: { action: 'merged', operation: 'Merge', about: 'was merged into another one' },
  V: { action: 'voided', operation: 'Void', about: 'was voided' },
  E: { action: 'emailed', operation: 'Emailed', about: 'was sent by email' },
} as const;

type Letter = keyof typeof ACTIONS;

/**
 * What can happen with which entity: the table "supported API entities" of developer.intuit.com, Webhooks; for voided ones its blog of 2017/05/11.
 * Codes and rates of tax have no events.
 */
const OPERATIONS: readonly (readonly [name: string, letters: string])[] = [
  ['Invoice', 'CUDVE'],
  ['Customer', 'CUDM'],
  ['Payment', 'CUDVE'],
  ['Bill', 'CUD'],
  ['Vendor', 'CUDM'],
  ['Item', 'CUDM'],
  ['Account', 'CUDM'],
  ['Estimate', 'CUDE'],
  ['CreditMemo', 'CUDVE'],
  ['SalesReceipt', 'CUDVE'],
  ['Purchase', 'CUDV'],
  ['Deposit', 'CUD'],
  ['JournalEntry', 'CUD'],
  ['BillPayment', 'CUDV'],
  ['VendorCredit', 'CUD'],
  ['RefundReceipt', 'CUDVE'],
  ['Transfer', 'CUDV'],
  ['PurchaseOrder', 'CUDE'],
  ['Employee', 'CUDM'],
  ['Class', 'CUDM'],
  ['Department', 'CUDM'],
  ['Term', 'CU'],
  ['PaymentMethod', 'CUM'],
  ['Budget', 'CU'],
  ['TaxAgency', 'CU'],
  ['TimeActivity', 'CUD'],
  ['Currency', 'CU'],
  ['JournalCode', 'CU'],
  ['Preferences', 'U'],
];

interface Known {
  readonly event: string;
  readonly about: string;
  readonly name: string;
  readonly operation: string;
}

const KNOWN: readonly Known[] = OPERATIONS.flatMap(([name, letters]) =>
  [...letters].map((letter) => {
    const { action, operation, about } = ACTIONS[letter as Letter];
    return { event: `${name.toLowerCase()}.${action}`, about: `a row of ${name} ${about}`, name, operation };
  }),
);

/** A realm that nobody has: ids of this length exist, this many zeros do not. */
const NO_REALM = '9130000000000001';

/**
 * Events of QuickBooks: CloudEvents, in an array (blogs.intuit.com 2025/11/12; IntuitDeveloper/SampleApp-Webhooks-Java-Cloudevents), and the form before it. The
 * headers beside the signature are those of the sample on developer.intuit.com, Webhooks.
 */
export const samples: WebhookSamples = {
  events: KNOWN.map(({ event, about }) => ({ event, about })),
  formats: ['cloudevents', 'legacy'],
  make(event, facts) {
    const known = KNOWN.find((each) => each.event === event);
    if (!known) return undefined;
    const legacy = facts.format === 'legacy';
    return {
      headers: {
        'content-type': legacy ? 'application/json' : 'application/cloudevents+json',
        'user-agent': 'intuit_notification_server/0.1',
        'intuit-created-time': new Date(facts.now).toISOString(),
        'intuit-t-id': randomUuid(facts.random),
        'intuit-notification-schema-version': legacy ? '0.1' : '1.0',
      },
      body: legacy ? legacyBody(known, facts) : [cloudEvent(known, facts)],
    };
  },
};

const rowId = ({ random }: SampleFacts) => `${1 + Math.floor(random() * 9)}${randomText(random, 3, '0123456789')}`;

function cloudEvent({ event }: Known, facts: SampleFacts) {
  return {
    specversion: '1.0',
    id: randomUuid(facts.random),
    source: 'intuit.bHdpLWRlbW8=',
    type: `qbo.${event}.v1`,
    datacontenttype: 'application/json',
    time: new Date(facts.now).toISOString(),
    intuitentityid: rowId(facts),
    intuitaccountid: facts.externalId ?? NO_REALM,
    data: {},
  };
}

function legacyBody({ name, operation }: Known, facts: SampleFacts) {
  const change = { name, id: rowId(facts), operation, lastUpdated: new Date(facts.now).toISOString() };
  const merged = operation === 'Merge' ? { deletedId: rowId(facts) } : {};
  return {
    eventNotifications: [
      { realmId: facts.externalId ?? NO_REALM, dataChangeEvent: { entities: [{ ...change, ...merged }] } },
    ],
  };
}
