export { runWorkerPerGpu } from './run-worker-per-gpu.ts';
export { runWorker, type WorkerProcessOptions } from './run-worker.ts';
export { type RunningWorker, startWorker, type WorkerOptions } from './start-worker.ts';
export { TrainerUnavailableError } from './trainer-process.ts';
