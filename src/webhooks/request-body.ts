import type { IncomingMessage } from 'node:http';

/** Bytes that may be held in memory at once, over all requests under way. */
export interface BodyRoom {
  /** Takes so many bytes; false when there is no room for them. */
  take(bytes: number): boolean;
  give(bytes: number): void;
}

export function bodyRoom(most: number): BodyRoom {
  let used = 0;
  return {
    take(bytes) {
      if (used + bytes > most) return false;
      used += bytes;
      return true;
    },
    give(bytes) {
      used -= bytes;
    },
  };
}

export type BodyProblem = 'too-large' | 'no-room';

/**
 * The bytes of a body as they came, at most `limit`. The caller gives them back to the room. What is left of a refused one is read and dropped, so that the
 * sender gets to see why. Rejects when the sender hangs up.
 */
export async function readBody(
  incoming: IncomingMessage,
  limit: number,
  room: BodyRoom,
): Promise<Buffer | BodyProblem> {
  const announced = Number(incoming.headers['content-length'] ?? 0);
  const chunks: Buffer[] = [];
  let size = 0;
  const refuse = (problem: BodyProblem) => {
    room.give(size);
    incoming.resume();
    return problem;
  };
  if (announced > limit) return refuse('too-large');
  try {
    for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
      if (size + chunk.length > limit) return refuse('too-large');
      if (!room.take(chunk.length)) return refuse('no-room');
      size += chunk.length;
      chunks.push(chunk);
    }
  } catch (error) {
    room.give(size);
    throw error;
  }
  return Buffer.concat(chunks);
}
