import { maybe, ms, oneOf, text, texts, whole } from './words.ts';

/** Words about providers that several outputs share. */
export const title = text('name of the provider');
export const grant = oneOf(
  ['authorization_code', 'client_credentials', 'password', 'device_code', 'token'],
  'how it is connected',
);
export const source = oneOf(['built in', 'config'], 'where the definition comes from');
export const environments = texts('environments that it has');
export const entities = texts('kinds of records');
export const webhook = maybe(text('name of the webhook scheme; absent: none'));

/** What a limit allows. */
export const rule = {
  name: text('name of the limit'),
  permits: whole('requests that a window allows'),
  perMs: ms('length of the window'),
  burst: whole('requests at once'),
  concurrency: whole('requests in flight'),
};
