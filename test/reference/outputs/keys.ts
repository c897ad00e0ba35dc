import { ERROR_KINDS } from '../../../src/errors.ts';
import {
  account,
  document,
  flag,
  list,
  maybe,
  type Output,
  object,
  oneOf,
  provider,
  text,
  time,
  whole,
  word,
} from './words.ts';

const secretName = text('name of the secret');
const fingerprint = text('first hex digits of its SHA-256');

const keyId = text('id of the key: a hash of it');
const vaultId = text('identity of the database');

const problem = object(
  {
    code: oneOf(Object.keys(ERROR_KINDS), 'code of the error'),
    message: text('what is wrong'),
    hint: text('what to do'),
  },
  'why not',
);

const keyStatus = object({
  place: text('where the key is looked for'),
  keyId: maybe(keyId),
  opens: oneOf(['yes', 'no', 'no-key-yet'], 'whether it opens the database'),
  problem: maybe(problem),
  keychain: object(
    { inUse: flag('whether the key is in it'), works: flag('whether it answers'), problem: maybe(problem) },
    'the keychain of the system',
  ),
  leftover: whole('keys that the next rotation removes'),
});

const backup = object({
  type: word('lwi-key', 'kind of the file'),
  version: word(1, 'its version'),
  ...{ vaultId, keyId },
  kdf: object(
    {
      name: word('scrypt', 'RFC 7914'),
      N: whole('cost'),
      r: whole('block size'),
      p: whole('parallelism'),
      salt: text('base64'),
    },
    'how the passphrase becomes a key',
  ),
  nonce: text('base64'),
  sealed: text('the key and its tag, sealed; base64'),
  check: text('tells a wrong passphrase from a damaged file; base64'),
});

/** Commands about the key and the secrets in the vault. */
export const KEY_OUTPUTS: Readonly<Record<string, readonly Output[]>> = {
  'secret set': [document('when it is kept', object({ account, provider, name: secretName, fingerprint }))],
  'secret list': [
    document(
      'always',
      list(
        object({ provider, account, name: secretName, fingerprint, updatedAt: time('when it was set') }),
        'a row for each secret of the account',
      ),
    ),
  ],
  'secret remove': [
    document('when it is removed', object({ account, provider, name: secretName, removed: word(true, 'always') })),
  ],
  'key status': [document('always; the exit code is that of the problem', keyStatus)],
  'key generate': [document('always', object({ key: text('the key itself: 32 bytes in base64') }))],
  'key rotate': [
    document(
      'when it is done',
      object({
        outcome: oneOf(['rotated', 'already'], '`already`: the database was sealed with the given key before'),
        keyId,
        previousKeyId: maybe(keyId),
        resealed: whole('ciphertexts that were sealed anew'),
        erased: flag('whether nothing sealed with the old key is left in the files'),
        oldKey: oneOf(['removed', 'kept', 'pending'], 'what happened to the old key'),
        place: text('where the new key is'),
      }),
    ),
  ],
  'key export': [
    document('without a file', backup),
    document('with a file', object({ file: text('path of the file'), vaultId, keyId })),
  ],
  'key import': [
    document(
      'into the keychain',
      object({ keyId, vaultId, place: text('where it is'), claimed: flag('whether the database had no key before') }),
    ),
    document('with `--key-file`', object({ keyId, keyFile: text('path of the file') })),
  ],
};
