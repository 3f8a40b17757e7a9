// Structured logs with one set of field names: JSON lines, readable text only in a terminal.
import { type DestinationStream, pino } from 'pino';
import pretty from 'pino-pretty';
import type { logLevels } from './read-config.ts';

export type { Logger } from 'pino';

/** The names under which every process logs what it is working on. */
export interface LogFields {
  readonly experimentId?: string;
  readonly runId?: string;
  /** 1 for the first try at a run. */
  readonly attempt?: number;
  readonly workerId?: string;
}

const secrets = ['DATABASE_URL', 'REDIS_URL', 'RESEED_API_KEY', 'apiKey', 'password', 'authorization', 'cookie'];

/**
 * @param options.name the process or part that speaks, e.g. "api"
 * @param options.destination 'stderr' keeps stdout free for a command's own output; default 'stdout'
 * @returns a logger that writes synchronously, so that nothing is lost when the process ends
 */
export function createLogger(options: {
  readonly name: string;
  readonly level?: (typeof logLevels)[number];
  readonly destination?: 'stdout' | 'stderr';
}): pino.Logger {
  const settings: pino.LoggerOptions = {
    name: options.name,
    level: options.level ?? 'info',
    base: {},
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: [...secrets, ...secrets.map((name) => `*.${name}`), 'req.headers.authorization', 'req.headers.cookie'],
  };
  return pino(settings, streamTo(options.destination ?? 'stdout'));
}

function streamTo(destination: 'stdout' | 'stderr'): DestinationStream {
  const fd = destination === 'stdout' ? 1 : 2;
  if (!process[destination].isTTY) return pino.destination({ fd, sync: true });
  return pretty({ destination: fd, sync: true, translateTime: 'SYS:HH:MM:ss', colorize: true });
}

/** A logger whose every line carries these fields. */
export function withFields(logger: pino.Logger, fields: LogFields): pino.Logger {
  return logger.child(fields);
}
