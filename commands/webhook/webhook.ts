import type { Define } from '../shared/define.ts';
import { define as list } from './list.ts';
import { define as listen } from './listen.ts';
import { define as prune } from './prune.ts';
import { define as replay } from './replay.ts';
import { define as show } from './show.ts';
import { define as sign } from './sign.ts';
import { define as trigger } from './trigger.ts';
import { define as verify } from './verify.ts';

export const define: Define = (parent, run, wanted) => {
  const webhook = parent.command('webhook').description('receive, keep, forward, verify, sign and replay webhooks');
  const verbs = [listen, list, show, prune, replay, trigger, verify, sign];
  for (const verb of wanted ? verbs : []) verb(webhook, run, wanted);
};
