import type { Define } from '../shared/define.ts';
import { define as listen } from './listen.ts';
import { define as sign } from './sign.ts';
import { define as verify } from './verify.ts';

export const define: Define = (parent, run, wanted) => {
  const webhook = parent.command('webhook').description('receive, keep, forward, verify, sign and replay webhooks');
  for (const verb of wanted ? [listen, verify, sign] : []) verb(webhook, run, wanted);
};
