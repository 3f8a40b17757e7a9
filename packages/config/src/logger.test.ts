// What the logger writes, as a process that reads its output sees it.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';

/** Runs a program that logs and ends; stdout and stderr as written. */
function run(body: string): Promise<{ stdout: string; stderr: string }> {
  const source = JSON.stringify(new URL('logger.ts', import.meta.url).href);
  const program = `import { createLogger, withFields } from ${source};\n${body}`;
  const node = ['--conditions=source', '--import', 'tsx', '--input-type=module', '--eval', program];
  return promisify(execFile)(process.execPath, node, { cwd: import.meta.dirname });
}

const linesOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

describe('a process that logs JSON', () => {
  let lines: Record<string, unknown>[];
  let stdout: string;
  let stderr: string;
  const written = (name: string) => lines.filter((line) => line['name'] === name);

  beforeAll(async () => {
    ({ stdout, stderr } = await run(`
      const logger = createLogger({ name: 'fields' });
      logger.info({ experimentId: 'e1' }, 'Posted');
      withFields(withFields(logger, { workerId: 'w1' }), { runId: 'r1', attempt: 2 }).warn('Slow');
      logger.error({ err: new RangeError('too far') }, 'Failed');

      const secretive = createLogger({ name: 'secrets' });
      const secrets = { shown: 1 };
      for (const name of ['DATABASE_URL', 'REDIS_URL', 'RESEED_API_KEY', 'apiKey', 'password', 'authorization', 'cookie'])
        secrets[name] = 'SECRET';
      secretive.info(secrets, 'alone');
      secretive.info({ config: secrets }, 'inside');
      secretive.info({ req: { headers: { authorization: 'SECRET', cookie: 'SECRET', accept: 'shown' } } }, 'request');
      withFields(secretive, { workerId: 'w', apiKey: 'SECRET' }).info('child');

      for (const level of [...${JSON.stringify(LEVELS)}, 'silent'])
        for (const each of ${JSON.stringify(LEVELS)}) createLogger({ name: level, level })[each]('text');
      for (const each of ${JSON.stringify(LEVELS)}) createLogger({ name: 'default' })[each]('text');
      createLogger({ name: 'aside', destination: 'stderr' }).info('hello');

      const last = createLogger({ name: 'last' });
      for (let line = 0; line < 2000; line += 1) last.info({ line }, 'text');
      process.exit(0);`));
    lines = linesOf(stdout);
  });

  it('has one line per message: level by name, ISO time, name, fields, message, and nothing of the machine', () => {
    expect(written('fields').map(({ time, ...rest }) => rest)).toEqual([
      { level: 'info', name: 'fields', experimentId: 'e1', msg: 'Posted' },
      { level: 'warn', name: 'fields', workerId: 'w1', runId: 'r1', attempt: 2, msg: 'Slow' },
      {
        level: 'error',
        name: 'fields',
        err: { type: 'RangeError', message: 'too far', stack: expect.stringContaining('RangeError: too far') },
        msg: 'Failed',
      },
    ]);
    for (const { time } of lines) expect(new Date(String(time)).toISOString()).toBe(time);
  });

  it('hides secrets by their names, alone, one level down, in fields of a child and in request headers', () => {
    const [alone, inside, request, child] = written('secrets');
    expect(stdout).not.toContain('SECRET');
    for (const fields of [alone, inside['config'] as Record<string, unknown>]) {
      expect(Object.values(fields).filter((value) => value === '[Redacted]')).toHaveLength(7);
      expect(fields['shown']).toBe(1);
    }
    expect(request['req']).toEqual({
      headers: { authorization: '[Redacted]', cookie: '[Redacted]', accept: 'shown' },
    });
    expect(child).toMatchObject({ workerId: 'w', apiKey: '[Redacted]' });
  });

  it('writes from its level on, info by default', () => {
    const levels = (name: string) => written(name).map(({ level }) => level);
    LEVELS.forEach((level, index) => expect(levels(level)).toEqual(LEVELS.slice(index)));
    expect(levels('silent')).toEqual([]);
    expect(levels('default')).toEqual(LEVELS.slice(2));
  });

  it('keeps stdout free of what is meant for stderr', () => {
    expect(linesOf(stderr)).toMatchObject([{ name: 'aside', msg: 'hello' }]);
    expect(written('aside')).toEqual([]);
  });

  it('loses nothing when it ends right after', () => {
    expect(written('last').map(({ line }) => line)).toEqual(Array.from({ length: 2000 }, (_, line) => line));
  });
});

it('a process that believes to be in a terminal logs readable text, without secrets', async () => {
  const { stdout } = await run(`
    process.stdout.isTTY = true;
    createLogger({ name: 'demo' }).info({ runId: 'r1', password: 'SECRET' }, 'Training');`);
  expect(stdout).toMatch(/\d\d:\d\d:\d\d/);
  for (const part of ['INFO', 'demo', 'Training', 'runId', 'r1', '[Redacted]']) expect(stdout).toContain(part);
  expect(stdout).not.toContain('SECRET');
  expect(() => linesOf(stdout)).toThrow(SyntaxError);
});
