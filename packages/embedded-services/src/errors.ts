// What can go wrong with a server that is already found: it does not start, does not answer, or its folder is unusable.

/** A server process ended, or did not answer in time, while it was being started. */
export class ServiceStartError extends Error {
  override readonly name = 'ServiceStartError';
  readonly service: string;
  readonly logFile: string;

  constructor(service: string, reason: string, logFile: string, lastLines: string) {
    super(`${service} did not start: ${reason}. Its log is ${logFile}${lastLines === '' ? '.' : `:\n${lastLines}`}`);
    this.service = service;
    this.logFile = logFile;
  }
}

/** The address given in an environment variable does not answer. */
export class ServiceUnreachableError extends Error {
  override readonly name = 'ServiceUnreachableError';
  readonly variable: string;
  readonly waitedMs: number;

  constructor(variable: string, waitedMs: number, cause: unknown) {
    const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
    super(`The server that ${variable} names did not answer within ${waitedMs / 1000} s: ${reason}`, { cause });
    this.variable = variable;
    this.waitedMs = waitedMs;
  }
}

/** The folder of a service cannot be used as it is. */
export class ServiceFolderError extends Error {
  override readonly name = 'ServiceFolderError';
  readonly folder: string;

  constructor(folder: string, reason: string) {
    super(`${folder} cannot be used: ${reason}`);
    this.folder = folder;
  }
}
