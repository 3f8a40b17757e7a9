// The text files that describe a wheel and what it installed (packaging.python.org, "Binary distribution format").

/** @param record RECORD: a line `path,sha256=…,size` for every file; @returns path → sha256, base64url without padding */
export function recordedChecksums(record: string): ReadonlyMap<string, string> {
  const lines = record.split(/\r?\n/).map((line) => /^"?(.+?)"?,sha256=([\w-]+),/.exec(line));
  return new Map(lines.flatMap((found) => (found === null ? [] : [[found[1], found[2]] as const])));
}

/** The values of one field of WHEEL or METADATA, whose heads are lines `Field: value`. */
export function fieldValues(text: string, field: string): string[] {
  const [head] = text.split(/\r?\n\r?\n/, 1);
  const lines = head.split(/\r?\n/).filter((line) => line.startsWith(`${field}: `));
  return lines.map((line) => line.slice(field.length + 2).trim());
}

/** @param buildInfo tensorflow/python/platform/build_info.py; @returns whether kernels for NVIDIA GPUs are in this build */
export const isCudaBuild = (buildInfo: string): boolean => /'is_cuda_build',\s*True/.test(buildInfo);
