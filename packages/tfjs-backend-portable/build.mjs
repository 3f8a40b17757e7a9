// Compiles assembly/ to dist/kernels.wasm and checks that the module may share another module's memory.
import { readFile } from 'node:fs/promises';
import asc from 'assemblyscript/asc';

const WASM_DATA_SECTION = 11;
const output = 'dist/kernels.wasm';

const options = [
  'assembly/index.ts',
  ...['--baseDir', import.meta.dirname, '--outFile', output, '-O3', '--noAssert', '--runtime', 'stub'],
  ...['--enable', 'simd', '--importMemory', '--noExportMemory', '--initialMemory', '1'],
];
const { error } = await asc.main(options, { stderr: process.stderr });
if (error) throw error;

const bytes = await readFile(new URL(output, import.meta.url));
for (const section of sections(bytes)) {
  if (section === WASM_DATA_SECTION)
    throw new Error(`${output} has static data, which would overwrite the host's heap`);
}
const imports = WebAssembly.Module.imports(new WebAssembly.Module(bytes));
if (imports.length !== 1 || imports[0]?.kind !== 'memory') {
  throw new Error(`${output} must import memory alone, not ${JSON.stringify(imports)}`);
}

function* sections(module) {
  for (let at = 8; at < module.length; ) {
    yield module[at++];
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = module[at++];
      size |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    at += size;
  }
}
