import * as w from './words.ts';

/** Words about providers that several outputs share. */
export const title = w.text('name of the provider');
export const grant = w.oneOf(
  ['authorization_code', 'client_credentials', 'password', 'device_code', 'token'],
  'how it is connected',
);
export const source = w.oneOf(['built in', 'config'], 'where the definition comes from');
export const environments = w.texts('environments that it has');
export const entities = w.texts('kinds of records');
export const webhook = w.maybe(w.text('name of the webhook scheme; absent: none'));

/** What a limit allows. */
export const rule = {
  name: w.text('name of the limit'),
  permits: w.whole('requests that a window allows'),
  perMs: w.ms('length of the window'),
  burst: w.whole('requests at once'),
  concurrency: w.whole('requests in flight'),
};
