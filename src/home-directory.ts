import { homedir } from 'node:os';

/** Home directory of the user; empty for one who has none: no HOME, and no entry in the list of users, as in many containers. */
export function homeDirectory(): string {
  try {
    return homedir();
  } catch {
    return '';
  }
}
