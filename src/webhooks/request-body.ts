import type { IncomingMessage } from 'node:http';

export type BodyProblem = 'too-large' | 'no-room';

/** Reads the bodies of all requests under way into memory that is bounded over all of them. */
export interface BodyReaders {
  /**
   * Calls `done` once: with the bytes as they came, which are to be released, or with what is wrong; what is left of a refused body is read and dropped.
   * A sender that hangs up is not told of.
   */
  read(incoming: IncomingMessage, done: (body: Buffer | BodyProblem) => void): void;
  release(body: Buffer): void;
  /** Ends the connections of all that are still sending. */
  hangUp(): void;
}

/** What a request takes beside its body, mostly headers, bytes: so that a flood of empty ones is bounded too. */
const REQUEST_COST = 16 * 1024;
/** Room for a body that comes in pieces, at first, bytes. */
const FIRST_ROOM = 4096;

interface Reading {
  readonly incoming: IncomingMessage;
  refuse(problem: BodyProblem): void;
}

/**
 * Bodies of at most `limit` bytes, and of at most `room` bytes all together. When they do not fit, who has been sending for the longest time is refused, not the
 * one that came last: dawdlers must not keep others out.
 */
export function bodyReaders(limit: number, room: number): BodyReaders {
  let used = 0;
  /** Who began first is first. */
  const reading = new Set<Reading>();

  function take(bytes: number, self: Reading): boolean {
    while (used + bytes > room) {
      const longest = reading.values().find((each) => each !== self);
      if (!longest) return false;
      longest.refuse('no-room');
    }
    used += bytes;
    return true;
  }

  return {
    read(incoming, done) {
      const announced = Number(incoming.headers['content-length'] ?? Number.NaN);
      let held = 0;
      let size = 0;
      /** One piece as it came, or a buffer that grows, so that pieces of one byte cost no more than one each. */
      let bytes: Buffer | undefined;
      const end = (): boolean => {
        if (!reading.delete(self)) return false;
        used -= held;
        return true;
      };
      const self: Reading = {
        incoming,
        refuse(problem) {
          if (!end()) return;
          bytes = undefined;
          done(problem);
        },
      };
      const grow = (more: number): boolean => {
        const wanted = Math.max(
          size + more,
          Math.min(2 * size, Number.isNaN(announced) ? limit : announced),
          FIRST_ROOM,
        );
        if (!take(wanted - (held - REQUEST_COST), self)) return false;
        held = wanted + REQUEST_COST;
        const larger = Buffer.allocUnsafe(wanted);
        bytes?.copy(larger, 0, 0, size);
        bytes = larger;
        return true;
      };
      reading.add(self);
      incoming.on('data', (piece: Buffer) => {
        if (!reading.has(self)) return;
        if (size + piece.length > limit) return self.refuse('too-large');
        if (bytes === undefined) {
          if (!take(piece.length, self)) return self.refuse('no-room');
          held += piece.length;
          bytes = piece;
        } else {
          if (size + piece.length > bytes.length && !grow(piece.length)) return self.refuse('no-room');
          piece.copy(bytes, size);
        }
        size += piece.length;
      });
      incoming.on('end', () => {
        if (!end()) return;
        const body =
          bytes === undefined ? Buffer.alloc(0) : bytes.length === size ? bytes : Buffer.from(bytes.subarray(0, size));
        used += size + REQUEST_COST;
        done(body);
      });
      incoming.on('close', end);
      if (announced > limit) self.refuse('too-large');
      else if (take(REQUEST_COST, self)) held = REQUEST_COST;
      else self.refuse('no-room');
    },
    release(body) {
      used -= body.length + REQUEST_COST;
    },
    hangUp() {
      for (const { incoming } of reading) incoming.socket.destroy();
    },
  };
}
