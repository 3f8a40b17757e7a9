// Compiles the C++ of the binding; Node-API keeps it loadable by later versions of Node.js.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import headers from 'node-api-headers';
import { BindingBuildError, NoCompilerError } from './binding-errors.ts';
import { errorLine, runProgram } from './run-program.ts';
import { LIBRARIES } from './tensorflow-source.ts';

const compiler = (): string => process.env['CXX'] || 'g++';

/** @returns what it says of itself; @throws NoCompilerError */
export async function compilerVersion(): Promise<string> {
  try {
    return await runProgram(compiler(), ['--version'], '/');
  } catch (error) {
    throw new NoCompilerError(compiler(), errorLine(error));
  }
}

export interface Compilation {
  /** the package @tensorflow/tfjs-node */
  readonly sources: string;
  readonly include: string;
  /** where TensorFlow's two libraries lie now */
  readonly libraries: string;
  /** where they and CUDA's will be looked for; `$ORIGIN` is the folder of the output */
  readonly runPaths: readonly string[];
  readonly output: string;
  /** for messages */
  readonly version: string;
}

/** @throws BindingBuildError */
export async function compileBinding(compilation: Compilation): Promise<void> {
  const { sources, include, libraries, output, version } = compilation;
  const code = readdirSync(join(sources, 'binding')).filter((name) => name.endsWith('.cc'));
  const flags = ['-O2', '-std=c++17', '-fPIC', '-shared', '-DNAPI_VERSION=8'];
  try {
    await runProgram(
      compiler(),
      [
        ...flags,
        ...[sources, headers.include_dir, include].map((folder) => `-I${folder}`),
        ...code.map((name) => join(sources, 'binding', name)),
        ...['-o', output, `-L${libraries}`, ...LIBRARIES.map((library) => `-l:${library}`)],
        // DT_RPATH and not DT_RUNPATH: it also serves what TensorFlow itself opens by name, cuDNN for example.
        '-Wl,--disable-new-dtags',
        ...compilation.runPaths.map((folder) => `-Wl,-rpath,${folder}`),
      ],
      '/',
    );
  } catch (error) {
    throw new BindingBuildError('compile', version, errorLine(error));
  }
}
