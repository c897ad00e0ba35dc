import { ERROR_KINDS } from '../../../src/errors.ts';
import * as w from './words.ts';

const secretName = w.text('name of the secret');
const fingerprint = w.text('first hex digits of its SHA-256');

const keyId = w.text('id of the key: a hash of it');
const vaultId = w.text('identity of the database');

const problem = w.object(
  {
    code: w.oneOf(Object.keys(ERROR_KINDS), 'code of the error'),
    message: w.text('what is wrong'),
    hint: w.text('what to do'),
  },
  'why not',
);

const keyStatus = w.object({
  place: w.text('where the key is looked for'),
  keyId: w.maybe(keyId),
  opens: w.oneOf(['yes', 'no', 'no-key-yet'], 'whether it opens the database'),
  problem: w.maybe(problem),
  keychain: w.object(
    { inUse: w.flag('whether the key is in it'), works: w.flag('whether it answers'), problem: w.maybe(problem) },
    'the keychain of the system',
  ),
  leftover: w.whole('keys that the next rotation removes'),
});

const backup = w.object({
  type: w.word('lwi-key', 'kind of the file'),
  version: w.word(1, 'its version'),
  ...{ vaultId, keyId },
  kdf: w.object(
    {
      name: w.word('scrypt', 'RFC 7914'),
      N: w.whole('cost'),
      r: w.whole('block size'),
      p: w.whole('parallelism'),
      salt: w.text('base64'),
    },
    'how the passphrase becomes a key',
  ),
  nonce: w.text('base64'),
  sealed: w.text('the key and its tag, sealed; base64'),
  check: w.text('tells a wrong passphrase from a damaged file; base64'),
});

/** Commands about the key and the secrets in the vault. */
export const KEY_OUTPUTS: Readonly<Record<string, readonly w.Output[]>> = {
  'secret set': [
    w.document(
      'when it is kept',
      w.object({ account: w.account, provider: w.provider, name: secretName, fingerprint }),
    ),
  ],
  'secret list': [
    w.document(
      'always',
      w.list(
        w.object({
          provider: w.provider,
          account: w.account,
          name: secretName,
          fingerprint,
          updatedAt: w.time('when it was set'),
        }),
        'a row for each secret of the account',
      ),
    ),
  ],
  'secret remove': [
    w.document(
      'when it is removed',
      w.object({ account: w.account, provider: w.provider, name: secretName, removed: w.word(true, 'always') }),
    ),
  ],
  'key status': [w.document('always; the exit code is that of the problem', keyStatus)],
  'key generate': [w.document('always', w.object({ key: w.text('the key itself: 32 bytes in base64') }))],
  'key rotate': [
    w.document(
      'when it is done',
      w.object({
        outcome: w.oneOf(['rotated', 'already'], '`already`: the database was sealed with the given key before'),
        keyId,
        previousKeyId: w.maybe(keyId),
        resealed: w.whole('ciphertexts that were sealed anew'),
        erased: w.flag('whether nothing sealed with the old key is left in the files'),
        oldKey: w.oneOf(['removed', 'kept', 'pending'], 'what happened to the old key'),
        place: w.text('where the new key is'),
      }),
    ),
  ],
  'key export': [
    w.document('without a file', backup),
    w.document('with a file', w.object({ file: w.text('path of the file'), vaultId, keyId })),
  ],
  'key import': [
    w.document(
      'into the keychain',
      w.object({
        keyId,
        vaultId,
        place: w.text('where it is'),
        claimed: w.flag('whether the database had no key before'),
      }),
    ),
    w.document('with `--key-file`', w.object({ keyId, keyFile: w.text('path of the file') })),
  ],
};
