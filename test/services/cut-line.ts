// A TCP line to a service that can be cut, or go silent, and be mended: what networks do to Postgres and Redis.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll } from 'vitest';

export interface CutLine {
  /** The service's address through this line. */
  readonly url: string;
  /** Connections end without a word, and new ones end at once. */
  cut(): void;
  /** Connections stay, and nothing comes through any more, either way; the end of a connection does not either. */
  silence(): void;
  /** New connections work; those that went silent stay so, as if the host behind them had vanished. */
  mend(): void;
}

/** Ends with the last test of the file. */
export async function cutLine(url: string): Promise<CutLine> {
  const target = new URL(url);
  let state: 'whole' | 'cut' | 'silent' = 'whole';
  const open = new Set<Socket>();
  const server = createServer((near) => {
    keep(near);
    if (state === 'cut') near.resetAndDestroy();
    if (state !== 'whole') return;
    const far = connect(Number(target.port), target.hostname);
    keep(far);
    near.pipe(far).pipe(near);
    near.once('close', () => far.destroy());
    far.once('close', () => near.destroy());
  });
  const keep = (socket: Socket) => {
    open.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {}).once('close', () => open.delete(socket));
  };
  const dropAll = () => {
    for (const socket of open) socket.resetAndDestroy();
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterAll(() => {
    state = 'cut';
    dropAll();
    server.close();
  });
  const own = new URL(url);
  own.port = String((server.address() as AddressInfo).port);
  return {
    url: own.href,
    cut() {
      state = 'cut';
      dropAll();
    },
    silence() {
      state = 'silent';
      for (const socket of open) socket.unpipe().pause();
    },
    mend() {
      state = 'whole';
    },
  };
}
