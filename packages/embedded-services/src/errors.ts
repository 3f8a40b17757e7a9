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
    super(
      `The server that ${variable} names did not answer within ${waitedMs / 1000} s: ${reasonOf(cause)}. ` +
        `Start it, correct ${variable}, or unset it to get a private server.`,
      { cause },
    );
    this.variable = variable;
    this.waitedMs = waitedMs;
  }
}

/** A name with several addresses fails with one error for each and no message of its own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reasonOf).join(', ');
  return error instanceof Error ? error.message || error.name : String(error);
}

/** The folder of a service cannot be used as it is. */
export class ServiceFolderError extends Error {
  override readonly name: string = 'ServiceFolderError';
  readonly folder: string;

  constructor(folder: string, reason: string) {
    super(`${folder} cannot be used: ${reason}`);
    this.folder = folder;
  }
}

/** A folder holds data but not the record with the password and the process id of its server. */
export class LostRecordError extends ServiceFolderError {
  override readonly name = 'LostRecordError';

  constructor(folder: string) {
    super(
      folder,
      'instance.json, which holds the password, is missing. Put it back; or end the server that may still run there ' +
        'and remove the folder, to start empty.',
    );
  }
}
