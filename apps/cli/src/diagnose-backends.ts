// The part of `reseed doctor` that opens every backend, each in a process of its own: what one library does cannot hit another.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { BackendDescription } from '@reseed/experiment';
import type { BackendPackage, RefusedBackend } from '@reseed/training';
import { type Gpu, listGpus, NoGpuError } from '@reseed/worker/gpus';

/** Names are those of `BACKEND_PACKAGES`; importing them would load TensorFlow.js here. */
const REMEDIES: Readonly<Record<BackendPackage, string>> = {
  '@tensorflow/tfjs-node-gpu':
    'reseed backend build-tensorflow --tensorflow WHEEL builds it against a current TensorFlow with CUDA (docker/README.md)',
  '@tensorflow/tfjs-node':
    'reseed backend build-tensorflow --tensorflow WHEEL builds it against TensorFlow’s wheel for Python (pip download --no-deps tensorflow-cpu)',
  '@reseed/tfjs-backend-native':
    'needs Linux, g++ and oneDNN (apt-get install g++ libdnnl-dev; oneDNN is fetched without root where apt-get can)',
  '@reseed/tfjs-backend-portable': 'npm run build',
};

export interface BackendDiagnosis {
  readonly package: BackendPackage;
  readonly loads: boolean;
  /** whether commands use it when no device is asked for */
  readonly chosen: boolean;
  /** what it computes on; null when it does not load */
  readonly description: BackendDescription | null;
  /** why it does not load, and what helps; null when it does */
  readonly reason: string | null;
  readonly remedy: string | null;
}

export interface GpuDiagnosis {
  readonly visible: readonly Gpu[];
  /** null when one is visible */
  readonly reason: string | null;
}

interface Answer {
  readonly opened: BackendDescription | string;
  readonly refused?: readonly RefusedBackend[];
}

/** @returns a string when the process ended without an answer, saying how */
async function ask(what: BackendPackage | 'chosen'): Promise<Answer | string> {
  const module = fileURLToPath(new URL('./probe-backend-main.js', import.meta.url));
  const child = fork(module, [what], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (part: string) => (said = (said + part).slice(-4000)));
  let answer: Answer | undefined;
  child.on('message', (message) => (answer = message as Answer));
  const ending = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(signal === null ? `exit code ${code}` : signal));
  });
  if (answer !== undefined) return answer;
  const line = said
    .split('\n')
    .find((one) => /error|fatal/i.test(one))
    ?.trim();
  return `its process ended by itself (${ending})${line === undefined ? '' : `: ${line}`}`;
}

const BACKENDS = Object.keys(REMEDIES) as BackendPackage[];

export async function diagnoseBackends(): Promise<{
  readonly chosen: BackendDescription | string;
  readonly refused: readonly RefusedBackend[];
  readonly backends: readonly BackendDiagnosis[];
}> {
  const [answer, ...probed] = await Promise.all([ask('chosen'), ...BACKENDS.map(ask)]);
  const chosen = typeof answer === 'string' ? answer : answer.opened;
  const backends = probed.map((probe, i): BackendDiagnosis => {
    const name = BACKENDS[i];
    const opened = typeof probe === 'string' ? probe : probe.opened;
    if (typeof opened === 'string')
      return { package: name, loads: false, chosen: false, description: null, reason: opened, remedy: REMEDIES[name] };
    const isChosen = typeof chosen !== 'string' && name === packageOf(chosen);
    return { package: name, loads: true, chosen: isChosen, description: opened, reason: null, remedy: null };
  });
  return { chosen, refused: typeof answer === 'string' ? [] : (answer.refused ?? []), backends };
}

/** TensorFlow names its package among its versions. */
function packageOf({ name, versions }: BackendDescription): BackendPackage {
  if (name === 'native-cpu') return '@reseed/tfjs-backend-native';
  return BACKENDS.find((one) => versions[one] !== undefined) ?? '@reseed/tfjs-backend-portable';
}

export async function diagnoseGpus(): Promise<GpuDiagnosis> {
  try {
    return { visible: await listGpus(), reason: null };
  } catch (error) {
    if (!(error instanceof NoGpuError)) throw error;
    return { visible: [], reason: error.reason };
  }
}
