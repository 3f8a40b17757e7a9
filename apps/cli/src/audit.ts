// `reseed audit`: somebody's recorded draws, a seeding mode, or every known recipe, with a picture where one is asked for.
import { createReadStream, writeFileSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import {
  auditRecipes,
  auditRun,
  auditTrace,
  describeAudit,
  describeRecipes,
  describeTraceAudit,
  drawPicture,
  gridOfLoader,
  gridOfTrace,
  type LoaderOptions,
} from '@reseed/dataloader';
import type { SeedingMode } from '@reseed/experiment';

/** 0 nothing found, 2 a defect. */
type ExitCode = 0 | 2;

interface Output {
  /** SVG file to write */
  readonly plot?: string;
  readonly json?: true;
}

export class AuditSourceError extends Error {
  override readonly name = 'AuditSourceError';
  constructor(given: readonly string[]) {
    const found = given.length === 0 ? 'nothing' : given.join(' and ');
    super(`give one of FILE, --mode NAME and --recipes to audit, or --plot alone for the picture; got ${found}`);
  }
}

function print(lines: readonly string[], document: unknown, { json }: Output): void {
  if (json === true) console.log(JSON.stringify(document));
  else for (const line of lines) console.log(line);
}

/** The bytes of a file, of standard input for `-`, unpacked when the name ends in .gz. */
function open(file: string): AsyncIterable<Uint8Array> {
  if (file === '-') return process.stdin;
  const bytes = createReadStream(file);
  if (!file.endsWith('.gz')) return bytes;
  const unpacked = createGunzip();
  bytes.on('error', (error) => unpacked.destroy(error));
  return bytes.pipe(unpacked);
}

/** @throws TraceLineError, TraceEmptyError, or what the file system throws */
async function auditFile(file: string, output: Output): Promise<ExitCode> {
  const audit = await auditTrace(open(file));
  if (output.plot !== undefined) {
    const { grid, run } = await gridOfTrace(open(file));
    const of = audit.runs.length > 1 ? `${file}, ${run}, the first of ${audit.runs.length} runs` : file;
    writeFileSync(output.plot, drawPicture(grid, { title: `${of}: ${audit.verdict}` }));
  }
  print(describeTraceAudit(audit), audit, output);
  return audit.verdict === 'clean' ? 0 : 2;
}

export interface ModeFlags {
  readonly mode: SeedingMode;
  readonly seed: number;
  readonly samples: number;
  readonly batch: number;
  readonly workers: number;
  readonly epochs: number;
}

/** Draws of raw words, as equal parameters may be drawn by chance. @throws LoaderRangeError, WorkersNotAllowedError */
function auditMode(flags: ModeFlags, output: Output): ExitCode {
  const { mode, seed, samples, batch, workers, epochs } = flags;
  const words = [2 ** 32, 2 ** 32];
  const options: LoaderOptions<number[]> = {
    seed,
    sampleCount: samples,
    batchSize: batch,
    seedingMode: mode,
    loader: { workers, order: 'decoupled', shuffle: 'reshuffle', dropLast: false, batchRepeat: 1 },
    draws:
      mode === 'per_batch'
        ? { sample: () => [], batch: (stream) => words.map(() => stream.nextUint32()) }
        : {
            sample: (stream) => words.map(() => stream.nextUint32()),
            choices: { counts: words, parametersOf: (chosen) => [...chosen] },
          },
  };
  const audit = auditRun({ ...options, epochs });
  if (output.plot !== undefined) {
    const title = `${mode}: ${samples} samples, batch size ${batch}, ${workers} workers, seed ${seed}`;
    writeFileSync(output.plot, drawPicture(gridOfLoader(options, epochs), { title, batchSize: batch }));
  }
  print([describeAudit(audit)], audit, output);
  return 0;
}

export interface AuditFlags extends Output, Omit<ModeFlags, 'mode'> {
  readonly mode?: SeedingMode;
  readonly recipes?: true;
}

/**
 * @returns the exit code
 * @throws AuditSourceError, and what the audits throw
 */
export async function runAudit(file: string | undefined, flags: AuditFlags): Promise<ExitCode> {
  const { mode, recipes, plot } = flags;
  const given = [
    ...(file === undefined ? [] : ['FILE']),
    ...(mode === undefined ? [] : ['--mode']),
    ...(recipes === undefined ? [] : ['--recipes']),
  ];
  if (given.length > 1 || (given.length === 0 && plot === undefined)) throw new AuditSourceError(given);
  if (file !== undefined) return auditFile(file, flags);
  if (recipes === true) {
    const audits = auditRecipes();
    print(describeRecipes(audits), audits, flags);
    return 0;
  }
  return auditMode({ ...flags, mode: mode ?? 'inherited' }, flags);
}
