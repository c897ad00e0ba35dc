/** A page as a person sees it: where it is, and what it says. */
export interface Seen {
  readonly address: string;
  readonly status: number;
  readonly text: string;
}

/**
 * Goes to an address as a person with a browser: keeps cookies, follows redirects, fills in forms and sends them, until a page has no form or
 * the browser is sent away from the site (`address` is then that place, not visited). Who refuses takes the way out that a page offers, and stops.
 */
export async function goThrough(start: string, { refuse = false } = {}): Promise<Seen> {
  const site = new URL(start).origin;
  const cookies = new Map<string, string>();
  let address = start;
  let form: URLSearchParams | undefined;
  let refused = false;
  for (let step = 0; step < MOST_STEPS; step++) {
    if (new URL(address).origin !== site) return { address, status: 0, text: '' };
    const headers = { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
    const init = form === undefined ? { headers } : { headers, method: 'POST', body: form };
    const answer = await fetch(address, { ...init, redirect: 'manual' });
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    const text = await answer.text();
    const location = answer.headers.get('location');
    form = undefined;
    if (location) {
      address = new URL(location, address).href;
      continue;
    }
    const next: Step | undefined = answer.status === 200 && !refused ? nextStep(text, refuse) : undefined;
    if (!next) return { address, status: answer.status, text };
    address = new URL(next.action, address).href;
    form = next.form;
    refused = next.refused === true;
  }
  throw new Error(`${start} leads nowhere`);
}

const MOST_STEPS = 20;

interface Step {
  readonly action: string;
  readonly form?: URLSearchParams;
  readonly refused?: true;
}

/** The form of a page, filled in; or, for who refuses, the link or the button that ends it. */
function nextStep(page: string, refuse: boolean): Step | undefined {
  const abort = refuse ? /href="([^"]*\/abort)"/.exec(page)?.[1] : undefined;
  if (abort) return { action: abort, refused: true };
  const action = /<form[^>]* action="([^"]*)"/.exec(page)?.[1];
  if (action === undefined) return undefined;
  const form = new URLSearchParams();
  for (const [input] of page.matchAll(/<input[^>]*>/g)) {
    const attribute = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(input)?.[1];
    form.set(attribute('name') ?? '', attribute('value') ?? 'jane');
  }
  if (refuse && form.has('confirm')) {
    form.delete('confirm');
    form.set('abort', 'yes');
    return { action, form, refused: true };
  }
  return { action, form };
}
