// Which wheels fit which machine: processor, system, C library.
import { expect, it } from 'vitest';
import { TensorflowPlatformError } from './binding-errors.ts';
import { assertPlatform, type Platform, thisPlatform } from './wheel-platform.ts';

const debian: Platform = { system: 'linux', machine: 'x86_64', glibc: '2.36' };

it.each([
  ['cp311-cp311-manylinux_2_27_x86_64'],
  ['cp39-cp39-manylinux2014_x86_64.manylinux_2_17_x86_64'],
  ['cp311-cp311-manylinux1_x86_64'],
  ['py3-none-linux_x86_64'],
  ['cp312-cp312-manylinux_2_36_x86_64'],
])('%s fits Debian 12', (tag) => {
  expect(() => assertPlatform('tf.whl', [tag], debian)).not.toThrow();
});

it.each([
  ['another processor', 'cp311-cp311-manylinux_2_27_aarch64', debian],
  ['a newer C library', 'cp311-cp311-manylinux_2_39_x86_64', debian],
  ['a much newer C library', 'cp311-cp311-manylinux_3_0_x86_64', debian],
  ['another C library', 'cp311-cp311-musllinux_1_2_x86_64', debian],
  ['another system', 'cp311-cp311-win_amd64', debian],
  ['a mac', 'cp311-cp311-macosx_12_0_arm64', { system: 'darwin', machine: 'aarch64', glibc: undefined }],
  ['a system without glibc', 'cp311-cp311-manylinux_2_27_x86_64', { ...debian, glibc: undefined }],
  ['no platform', 'py3-none-any', debian],
] as const)('a wheel for %s is refused', (_, tag, here) => {
  const refusal = (() => {
    try {
      return assertPlatform('tf.whl', [tag], here);
    } catch (error) {
      return error;
    }
  })();
  expect(refusal).toBeInstanceOf(TensorflowPlatformError);
  const platform = tag.split('-')[2];
  expect((refusal as Error).message).toContain(
    `tf.whl is made for ${platform}; this is ${here.system} ${here.machine}`,
  );
});

it('knows this machine', () => {
  const here = thisPlatform();
  expect(here.system).toBe(process.platform);
  if (process.platform === 'linux' && here.glibc !== undefined) expect(here.glibc).toMatch(/^\d+\.\d+/);
});
