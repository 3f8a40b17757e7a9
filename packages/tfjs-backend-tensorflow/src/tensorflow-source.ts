// A TensorFlow for Python that the binding can be linked to: a wheel that is to be unpacked, or an installed one that stays in place.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { NotTensorflowError, TensorflowIncompleteError, TensorflowMissingError } from './binding-errors.ts';
import { openWheel } from './wheel-file.ts';
import { assertPlatform, type Platform } from './wheel-platform.ts';
import { fieldValues, isCudaBuild } from './wheel-record.ts';

export const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'] as const;

/** What `c_api.h` and its like include, with room for versions that spread them differently. */
const HEADERS = /^tensorflow\/include\/(tensorflow\/(c|core\/platform|tsl)|tsl|xla\/tsl)\/.*\.h$/;
const API_HEADER = 'tensorflow/include/tensorflow/c/eager/c_api.h';
const BUILD_INFO = 'tensorflow/python/platform/build_info.py';
/** `tensorflow-2.21.0`, `tensorflow_cpu-2.21.0`, `tf_nightly-…`; also packages about TensorFlow, which RECORD tells apart. */
const DESCRIPTION = /^(tensorflow|tf_nightly)\w*-[^/]+\.dist-info$/;

export interface TensorflowSource {
  readonly version: string;
  /** `gpu` when it has kernels for NVIDIA GPUs */
  readonly kind: 'gpu' | 'cpu';
  /** the same for the same files at the same place */
  readonly identity: string;
  /** the installed package; undefined for a wheel */
  readonly installed: string | undefined;
  /** Makes headers and libraries available, under `work` where they have to be unpacked. */
  provide(work: string): Promise<{ readonly include: string; readonly libraries: string }>;
  close(): void;
}

interface Description {
  readonly metadata: string;
  readonly wheel: string;
  readonly record: string;
  readonly buildInfo: string;
}

/** What both kinds say about themselves, checked. */
function describe(path: string, { metadata, wheel, record, buildInfo }: Description, here: Platform) {
  const [version] = fieldValues(metadata, 'Version');
  if (version === undefined) throw new NotTensorflowError(path, 'its METADATA names no version');
  assertPlatform(path, fieldValues(wheel, 'Tag'), here);
  const wanted = [...LIBRARIES.map((library) => `tensorflow/${library}`), API_HEADER];
  const missing = wanted.filter((name) => !record.includes(`${name},`));
  if (missing.length > 0) throw new TensorflowIncompleteError(path, version, missing);
  const kind = isCudaBuild(buildInfo) ? 'gpu' : 'cpu';
  return { version, kind, identity: createHash('sha256').update(record).digest('hex') } as const;
}

/**
 * @param path a wheel, or the folder `tensorflow` of an installation (a link to it, or the folder that holds it, will do)
 * @throws TensorflowMissingError, NotTensorflowError, TensorflowPlatformError, TensorflowIncompleteError
 */
export async function openTensorflowSource(path: string, here: Platform): Promise<TensorflowSource> {
  if (!existsSync(path)) throw new TensorflowMissingError(path);
  return statSync(path).isDirectory() ? openInstalled(path, here) : openWheelSource(path, here);
}

async function openWheelSource(path: string, here: Platform): Promise<TensorflowSource> {
  const wheel = await openWheel(path);
  try {
    const described = wheel.names.find((name) => DESCRIPTION.test(dirname(name)) && basename(name) === 'RECORD');
    if (described === undefined) throw new NotTensorflowError(path, 'it is the wheel of something else');
    const folder = dirname(described);
    const record = await wheel.text(described);
    const description = {
      metadata: await wheel.text(`${folder}/METADATA`),
      wheel: await wheel.text(`${folder}/WHEEL`),
      record,
      buildInfo: wheel.names.includes(BUILD_INFO) ? await wheel.text(BUILD_INFO) : '',
    };
    const libraries = LIBRARIES.map((library) => `tensorflow/${library}`);
    return {
      ...describe(path, description, here),
      installed: undefined,
      async provide(work) {
        await wheel.unpack([...wheel.names.filter((name) => HEADERS.test(name)), ...libraries], record, work);
        return { include: join(work, 'tensorflow', 'include'), libraries: join(work, 'tensorflow') };
      },
      close: () => wheel.close(),
    };
  } catch (error) {
    wheel.close();
    throw error;
  }
}

const readOr = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');

function openInstalled(path: string, here: Platform): TensorflowSource {
  const real = realpathSync(path);
  const descriptions = (folder: string) => readdirSync(folder).filter((name) => DESCRIPTION.test(name));
  // Also when the folder that holds them has the name `tensorflow`.
  const site = descriptions(real).length > 0 ? real : dirname(real);
  const installed = join(site, 'tensorflow');
  const folders = descriptions(site);
  const recordOf = (folder: string) => readOr(join(site, folder, 'RECORD'));
  // `tensorflow` may be an empty package that only depends on `tensorflow_cpu_aws`.
  const folder = folders.find((name) => recordOf(name).includes('tensorflow/libtensorflow')) ?? folders[0];
  if (!existsSync(installed) || folder === undefined)
    throw new NotTensorflowError(path, 'beside a folder tensorflow there must be its tensorflow-….dist-info');
  const description = {
    metadata: readOr(join(site, folder, 'METADATA')),
    wheel: readOr(join(site, folder, 'WHEEL')),
    record: recordOf(folder),
    buildInfo: readOr(join(site, BUILD_INFO)),
  };
  const described = describe(path, description, here);
  const gone = LIBRARIES.filter((library) => !existsSync(join(installed, library)));
  if (gone.length > 0) throw new TensorflowIncompleteError(path, described.version, gone);
  return {
    ...described,
    identity: `${installed}:${described.identity}`,
    installed,
    provide: async () => ({ include: join(installed, 'include'), libraries: installed }),
    close: () => {},
  };
}
