export { serveTrainer, type TrainerWork } from './serve-trainer.ts';
export { type RunningWorker, startWorker, type WorkerOptions } from './start-worker.ts';
export { TrainerUnavailableError } from './trainer-process.ts';
