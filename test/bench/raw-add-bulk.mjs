// The yardstick of `reseed bench queue`: prints the seconds that BullMQ itself needs to add N bare jobs.
import { Queue } from 'bullmq';

const count = Number(process.argv[2]);
const queue = new Queue('raw', { connection: { url: process.env.REDIS_URL } });
await queue.waitUntilReady();
const started = performance.now();
for (let from = 0; from < count; from += 1000) {
  await queue.addBulk(
    Array.from({ length: Math.min(1000, count - from) }, (_, index) => ({ name: 'run', data: { run: from + index } })),
  );
}
const seconds = (performance.now() - started) / 1000;
await queue.obliterate({ force: true });
await queue.close();
console.log(seconds.toFixed(3));
