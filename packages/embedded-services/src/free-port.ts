// Finds a TCP port on loopback that nobody listens on.
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * @param preferred tried first, so that a restarted service keeps its address
 * @returns a port that was free a moment ago
 */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await bind(preferred)) !== undefined) return preferred;
  const port = await bind(0);
  if (port === undefined) throw new Error('No free TCP port on 127.0.0.1.');
  return port;
}

async function bind(port: number): Promise<number | undefined> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : undefined;
  } catch (error) {
    if (['EADDRINUSE', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  } finally {
    server.close();
  }
}
