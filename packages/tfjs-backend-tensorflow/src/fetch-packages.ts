// Brings the JavaScript and C++ of TensorFlow's binding from the npm registry, without running what npm would run at an install.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { PackageFetchError } from './binding-errors.ts';
import { errorLine, runProgram } from './run-program.ts';

/** As package-lock.json pins them; a test holds both to each other. */
export const PINNED_PACKAGES = {
  '@tensorflow/tfjs-node': {
    version: '4.22.0',
    integrity: 'sha512-uHrXeUlfgkMxTZqHkESSV7zSdKdV0LlsBeblqkuKU9nnfxB1pC6DtoyYVaLxznzZy7WQSegjcohxxCjAf6Dc7w==',
  },
  'google-protobuf': {
    version: '3.21.4',
    integrity: 'sha512-MnG7N936zcKTco4Jd2PX2U96Kf9PxygAPKBug+74LHzmHXmceN16MmRcdgZv+DGef/S9YvQAfRsNCn4cjf9yyQ==',
  },
} as const;

/** The tensors must be those of this process: one copy of these, ours. */
const SHARED_PACKAGES = ['@tensorflow/tfjs', '@tensorflow/tfjs-core'] as const;

/** The folder of a package that this one depends on. */
export function ownPackage(name: string): string {
  return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
}

/**
 * Fills `<work>/node_modules`.
 * @throws PackageFetchError
 */
export async function fetchPackages(work: string): Promise<void> {
  const modules = join(work, 'node_modules');
  for (const [name, { version, integrity }] of Object.entries(PINNED_PACKAGES)) {
    const target = join(modules, name);
    mkdirSync(target, { recursive: true });
    try {
      const packed = await runProgram('npm', ['pack', `${name}@${version}`, '--json', '--loglevel=error'], work);
      const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
      const file = join(work, filename);
      const hash = createHash('sha512').update(readFileSync(file)).digest('base64');
      if (`sha512-${hash}` !== integrity) throw new PackageFetchError(name, `its checksum is not that of ${version}`);
      await runProgram('tar', ['-xzf', file, '-C', target, '--strip-components=1', '--no-same-owner'], work);
    } catch (error) {
      throw error instanceof PackageFetchError ? error : new PackageFetchError(name, errorLine(error));
    }
  }
  for (const name of SHARED_PACKAGES) symlinkSync(ownPackage(name), join(modules, name));
}
