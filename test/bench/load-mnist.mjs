// Loads MNIST in a process of its own, as a trainer does: node load-mnist.mjs [FILE-THAT-REMEMBERS-CHECKS]. Prints milliseconds.
import { loadDataset } from '@reseed/datasets';

const [checkedFiles] = process.argv.slice(2);
const started = performance.now();
const { train } = await loadDataset('mnist', { checkedFiles });
const milliseconds = performance.now() - started;
if (train.labels.length !== 60_000) throw new Error(`${train.labels.length} training images`);
console.log(milliseconds);
