export { type RunningServices, startServices, stopServices } from './start-services.ts';
export { RedisUnavailableError } from './redis-binary.ts';
export { PostgresUnavailableError } from './postgres-binary.ts';
export { ServiceFolderError, ServiceStartError, ServiceUnreachableError } from './errors.ts';
