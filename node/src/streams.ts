/* streams.ts: descriptors of the addon as Node's streams: everything that waits does so here, in Node's event loop. */
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';

/** Calls `done` once, when the other end of `descriptor` is closed. Takes the descriptor over. */
export function atEnd(descriptor: number, done: () => void): Socket {
  const socket = new Socket({ fd: descriptor, readable: true, writable: false });
  let told = false;
  const tell = (): void => {
    if (told) return;
    told = true;
    socket.destroy();
    done();
  };
  socket.on('end', tell).on('error', tell).on('close', tell).resume();
  return socket;
}

export function readable(descriptor: number): Readable | null {
  return descriptor < 0 ? null : new Socket({ fd: descriptor, readable: true, writable: false });
}

export function writable(descriptor: number): Writable | null {
  return descriptor < 0 ? null : new Socket({ fd: descriptor, readable: false, writable: true });
}

/** Lets what nobody has looked at run out, so that the stream ends: as child_process does. */
export function letRunOut(stream: Readable | null): void {
  if (stream !== null && stream.readableFlowing === null && stream.listenerCount('readable') === 0) stream.resume();
}

/** Everything that comes, until the stream ends or is closed. */
export async function collect(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
