import { knownSecrets } from '../../src/secret.ts';

// Test files share a process, and what one of them planted as a secret may be an ordinary word in another.
(knownSecrets() as Set<string>).clear();
