// The queue dashboard (bull-board) at /queues.
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { Queues } from '@reseed/queue';
import type { FastifyInstance } from 'fastify';
import { toApiError } from './errors/answer-errors.ts';

export const BOARD_PATH = '/queues';

/**
 * @param options.access `readOnly` hides and refuses every action: anybody who reaches the port could empty the queue
 */
export async function queueBoard(
  app: FastifyInstance,
  options: { readonly queues: Queues; readonly access: 'readOnly' | 'full' },
): Promise<void> {
  const adapter = new FastifyAdapter();
  adapter.setBasePath(BOARD_PATH);
  createBullBoard({
    queues: options.queues.queues.map(
      (queue) => new BullMQAdapter(queue, { readOnlyMode: options.access === 'readOnly' }),
    ),
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: 'Reseed' } },
  });
  adapter.setErrorHandler((error) => {
    const answer = toApiError(error, '');
    return { status: answer.status as 500, body: answer.body };
  });
  await app.register(adapter.registerPlugin(), { prefix: BOARD_PATH });
}
