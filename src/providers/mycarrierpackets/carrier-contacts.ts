import { bulkStream } from './bulk-stream.ts';

/**
 * Authorized and verified people of every monitored carrier, as a list in `CarriersContacts`. A row can say `Success: false` for its carrier alone; it
 * is kept as it is. Source: Swagger "v1" (MonitoredCarriersContacts).
 */
export const carrierContacts = bulkStream('carrier-contacts', 'GetMonitoredCarrierContactsData', {
  docket_number: 'DocketNumber',
  legal_name: 'LegalName',
  dba_name: 'DBAName',
  contacts: 'CarriersContacts',
  success: 'Success',
});
