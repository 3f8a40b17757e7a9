// Whether a wheel's platform tags (PEP 425, 600, 656) fit the processor, the system and the C library of this process.
import { TensorflowPlatformError } from './binding-errors.ts';

export interface Platform {
  /** as Node.js names it: `linux`, `darwin` */
  readonly system: string;
  /** as wheels name it: `x86_64`, `aarch64` */
  readonly machine: string;
  /** of this process; undefined where there is another C library */
  readonly glibc: string | undefined;
}

const MACHINES: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };

export function thisPlatform(): Platform {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  const { platform: system, arch } = process;
  return { system, machine: MACHINES[arch] ?? arch, glibc: header.glibcVersionRuntime };
}

/** The older names of three manylinux tags (PEP 600). */
const OLDER: Readonly<Record<string, string>> = { 1: '2_5', 2010: '2_12', 2014: '2_17' };

/** Undefined unless the tag is one of Linux with glibc. */
function parseTag(tag: string): { readonly glibc: readonly [number, number]; readonly machine: string } | undefined {
  const named = tag.replace(/^manylinux(1|2010|2014)_/, (_, year: string) => `manylinux_${OLDER[year]}_`);
  const [, major, minor, machine] = /^manylinux_(\d+)_(\d+)_(\w+)$/.exec(named) ?? [];
  if (machine !== undefined) return { glibc: [Number(major), Number(minor)], machine };
  // Made on the spot by `pip wheel` or Bazel: for whatever C library was there.
  const plain = /^linux_(\w+)$/.exec(tag)?.[1];
  return plain === undefined ? undefined : { glibc: [0, 0], machine: plain };
}

const isAtLeast = (version: string, [major, minor]: readonly [number, number]): boolean => {
  const [haveMajor = 0, haveMinor = 0] = version.split('.').map(Number);
  return haveMajor > major || (haveMajor === major && haveMinor >= minor);
};

/**
 * @param path for the message
 * @param tags `Tag` lines of the file WHEEL, such as `cp311-cp311-manylinux_2_27_x86_64`
 * @throws TensorflowPlatformError when none of them fits
 */
export function assertPlatform(path: string, tags: readonly string[], here: Platform): void {
  const platforms = [...new Set(tags.flatMap((tag) => (tag.split('-').at(-1) as string).split('.')))];
  const fits = platforms.map(parseTag).some((parsed) => {
    if (parsed === undefined || here.system !== 'linux' || here.glibc === undefined) return false;
    return parsed.machine === here.machine && isAtLeast(here.glibc, parsed.glibc);
  });
  const library = here.glibc === undefined ? 'without glibc' : `glibc ${here.glibc}`;
  if (!fits) throw new TensorflowPlatformError(path, platforms, `${here.system} ${here.machine}, ${library}`);
}
