// What TensorFlow is told before it loads, and how a user's own settings show.
import { expect, it } from 'vitest';
import { setTensorflowSwitches } from './tensorflow-switches.ts';

it('asks for one thread, exact float32 and the same order of additions every time', () => {
  const env: NodeJS.ProcessEnv = {};
  const { threads, all, deviations } = setTensorflowSwitches(env);
  expect(threads).toBe(1);
  expect(deviations).toEqual([]);
  expect(env).toMatchObject({
    TF_DETERMINISTIC_OPS: '1',
    NVIDIA_TF32_OVERRIDE: '0',
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
  });
  expect(all.split(' ')).toContain('TF_CUDNN_USE_AUTOTUNE=0');
});

it('leaves what the environment says, and names it: such bits are of another class', () => {
  const env: NodeJS.ProcessEnv = {
    NVIDIA_TF32_OVERRIDE: '1',
    TF_NUM_INTRAOP_THREADS: '4',
    TF_ENABLE_ONEDNN_OPTS: '0',
    TF_FORCE_GPU_ALLOW_GROWTH: 'false',
  };
  const { threads, all, deviations } = setTensorflowSwitches(env);
  expect(threads).toBe(4);
  expect(env['OMP_NUM_THREADS']).toBe('4');
  expect(deviations).toEqual(['NVIDIA_TF32_OVERRIDE=1', 'TF_ENABLE_ONEDNN_OPTS=0']);
  expect(all).toContain('NVIDIA_TF32_OVERRIDE=1');
  expect(env['TF_FORCE_GPU_ALLOW_GROWTH']).toBe('false');
});
