import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Who is connected, and whose request is being worked on. */
export interface ConnectionLimit {
  /** A request of this connection has come whole: it is not cut off until it is answered. */
  begin(socket: Socket): void;
  /** It is answered, or gone. */
  end(socket: Socket): void;
  /** Calls `next` when no request of this connection is worked on, at once if there is none. */
  afterAnswers(socket: Socket, next: () => void): void;
}

interface Work {
  requests: number;
  next?: () => void;
}

/**
 * Keeps at most `most` connections to a server. When one more comes, the one that has been idle or sending for the longest time since its last answer goes, so that
 * however many sit there, a newcomer gets its turn; it is turned away only when a request of every other is being worked on.
 */
export function limitConnections(server: Server, most: number): ConnectionLimit {
  /** Longest first. A byte now and then is no reason to stay, so only answers count. */
  const idle = new Set<Socket>();
  const busy = new Map<Socket, Work>();

  server.on('connection', (socket: Socket) => {
    if (idle.size + busy.size >= most) {
      const [longest = socket] = idle;
      idle.delete(longest);
      longest.destroy();
      if (longest === socket) return;
    }
    idle.add(socket);
    socket.once('close', () => {
      idle.delete(socket);
      busy.delete(socket);
    });
  });

  return {
    begin(socket) {
      idle.delete(socket);
      const work = busy.get(socket);
      if (work) work.requests += 1;
      else if (!socket.destroyed) busy.set(socket, { requests: 1 });
    },
    end(socket) {
      const work = busy.get(socket);
      if (!work || --work.requests > 0) return;
      busy.delete(socket);
      idle.add(socket);
      work.next?.();
    },
    afterAnswers(socket, next) {
      const work = busy.get(socket);
      if (work) work.next = next;
      else next();
    },
  };
}
