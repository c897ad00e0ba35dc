/** What lwi looks up in the vault; each has a variable `LWI_<PROVIDER>_<NAME>` that goes before it. */
export const SECRET_NAMES: readonly string[] = [
  'client-id', //
  'client-secret',
  'webhook-secret',
  'username',
  'password',
];
