import type { Context } from '../../src/context.ts';
import { approve } from '../../src/mock/approve.ts';
import { type Ran, type RunningLwi, startLwi } from '../shared/run-lwi.ts';
import type { Step } from './demo-steps.ts';

export interface DemoPlace {
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where webhooks are forwarded to. */
  readonly app: string;
}

/** All that it says at its start, on stdout and stderr, in whatever order. */
const LISTENING = /^(?=[\s\S]*Ctrl-C)(?=[\s\S]*forwarding them)[\s\S]*receiving webhooks at (\S+)\/webhooks\//;

/** Runs the steps, each in a process of its own, one of them beside the others. */
export function demoRunner({ host: { self }, signal }: Context, { cwd, environment, app }: DemoPlace) {
  const made: Record<string, string> = { '{app}': app };
  let beside: { readonly running: RunningLwi; readonly shown: number } | undefined;

  async function start(running: RunningLwi): Promise<Ran> {
    const output = await running.said(LISTENING);
    made['{listen}'] = LISTENING.exec(output)?.[1] ?? '';
    beside = { running, shown: output.length };
    return { code: 0, stdout: output, output };
  }

  async function stop(): Promise<Ran> {
    if (!beside) return { code: 0, stdout: '', output: '' };
    const { running, shown } = beside;
    beside = undefined;
    running.stop();
    const { stdout, output } = await running.ended;
    // How it was ended is no news here.
    const said = output.slice(shown).replace(/^(?:error|next): .*\n/gm, '');
    return { code: 0, stdout, output: said };
  }

  return {
    /** The words of a step, with what the ones before made. */
    words: (step: Step) => step.words.map((word) => word.replace(/\{\w+\}/g, (name) => made[name] ?? name)),

    async run(step: Step, words: readonly string[]): Promise<Ran> {
      if (step.stops) return stop();
      const onAddress = step.browser ? (url: string) => approve(url).then((location) => fetch(location)) : undefined;
      const running = startLwi({ self, words, cwd, environment, signal, onAddress });
      if (step.background) return start(running);
      const ran = await running.ended;
      // The newest event is the first of the list.
      const event = words[1] === 'list' ? /(\bEv\w+)/.exec(ran.stdout)?.[1] : undefined;
      if (event) made['{event}'] = event;
      return ran;
    },

    /** Nothing goes on after it. */
    async close(): Promise<void> {
      await stop().catch(() => {});
    },
  };
}
