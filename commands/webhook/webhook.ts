import type { Define } from '../shared/define.ts';
import { define as sign } from './sign.ts';
import { define as verify } from './verify.ts';

export const define: Define = (parent, run, wanted) => {
  const webhook = parent.command('webhook').description('verify and sign webhooks');
  for (const verb of wanted ? [verify, sign] : []) verb(webhook, run, wanted);
};
