import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { openScenario } from '../support/scenario.ts';
import { startListen } from '../support/serving.ts';
import { postEvent, slackEvent } from '../support/signed-event.ts';

const CROWD = 10_000;
const HALF = 'POST /webhooks/slack HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf';

/** Resident memory of a process, MB (proc_pid_status(5)); undefined on other systems. */
function residentMegabytes(pid: number): number | undefined {
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes) / 1024;
  } catch {
    return undefined;
  }
}

function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

test('among ten thousand connections that are idle or half sent, who sends an event gets its 200; memory and files stay bounded', {
  timeout: 60_000,
}, async ({ skip }) => {
  const lwi = await openScenario();
  const listen = await startListen(lwi);
  const pid = listen.child.pid ?? 0;
  const at = `${listen.url}/webhooks/slack`;
  expect(await postEvent(at, slackEvent('Before'))).toMatchObject({ status: 200 });
  const before = residentMegabytes(pid);
  const port = Number(new URL(listen.url).port);
  const crowd: Socket[] = [];
  onTestFinished(() => {
    for (const socket of crowd) socket.destroy();
  });
  let refusedHere = 0;
  const settled = Array.from({ length: CROWD }, (_, each) => {
    const socket = connect(port, '127.0.0.1');
    crowd.push(socket);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EMFILE') refusedHere += 1;
    });
    return new Promise<void>((resolve) => {
      socket.once('close', () => resolve());
      socket.once('connect', () => {
        if (each % 2) socket.write(HALF);
        resolve();
      });
    });
  });
  await Promise.all(settled);
  skip(refusedHere > 0, 'this process may not have so many connections');
  for (let each = 0; each < 20; each++) {
    const began = performance.now();
    expect(await postEvent(at, slackEvent(`Among${each}`))).toMatchObject({ status: 200 });
    expect(performance.now() - began).toBeLessThan(3000);
  }
  if (before === undefined) return;
  expect(openFiles(pid)).toBeLessThan(1100);
  expect((residentMegabytes(pid) ?? 0) - before).toBeLessThan(100);
});
