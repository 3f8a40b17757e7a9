export { type BackendSettings, backendSettings } from './backend-settings.ts';
export { artifactsAddress } from './artifacts-address.ts';
export { checkedFilesPath } from './checked-files-path.ts';
export { LockTimeoutError, withFolderLock } from './folder-lock.ts';
export { ConfigError, type Config, type ConfigProblem, logLevels, readConfig } from './read-config.ts';
export { createLogger, type LogFields, type Logger, withFields } from './logger.ts';
export { onShutdown, type ShutdownStep } from './on-shutdown.ts';
export { makePassable, othersCanReach, stateHome } from './state-home.ts';
