import * as w from './words.ts';

/** The command that moves a store to another database. */
export const STORE_COPY_OUTPUTS: Readonly<Record<string, readonly w.Output[]>> = {
  'store copy': [
    w.document(
      'always',
      w.object({
        from: w.text('path of the file, or URL without password and parameters'),
        to: w.text('the same of the copy'),
        resumed: w.flag('whether it went on where an earlier one was broken off'),
        tables: w.list(
          w.object({
            name: w.text('name of the table'),
            rows: w.whole('rows of it'),
            copied: w.whole('rows that this run wrote'),
            verified: w.whole('rows that were read again in both at the end and are the same'),
          }),
          'in the order in which they were copied',
        ),
        tookMs: w.ms('how long it took'),
      }),
    ),
  ],
};
