/** A table with ciphertexts; its tenant is `account_id`, by name or by a reference. */
export interface SealedTable {
  readonly table: 'oauth_tokens' | 'secrets';
  /** Column that is the `row` of the place. */
  readonly row: string;
  /** Column of the table -> `column` of the place. */
  readonly columns: Readonly<Record<string, string>>;
}

/** Every column with ciphertexts; a test compares it with the schema. */
export const SEALED_TABLES: readonly SealedTable[] = [
  {
    table: 'oauth_tokens',
    row: 'id',
    columns: {
      client_encrypted: 'client_encrypted',
      access_token_encrypted: 'access_token_encrypted',
      refresh_token_encrypted: 'refresh_token_encrypted',
      id_token_encrypted: 'id_token_encrypted',
    },
  },
  { table: 'secrets', row: 'name', columns: { value_encrypted: 'secret' } },
];
