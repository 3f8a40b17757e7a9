// The backend that this machine offers, opened for real; the portable one is always there.
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it, vi } from 'vitest';
import { GpuUnavailableError, openBackend, refusedBackends } from './backend.ts';
import { openPortable } from './portable-backend.ts';

const TFJS_NAME: Record<string, string> = {
  'wasm-simd': 'wasm',
  'tensorflow-cpu': 'tensorflow',
  'tensorflow-gpu': 'tensorflow',
};

it('the portable backend computes in one thread, by kernels named in its class', async () => {
  const portable = await openPortable();
  expect(tf.getBackend()).toBe('wasm');
  expect(portable).toMatchObject({ name: 'wasm-simd', deviceClass: 'cpu', threads: 1 });
  const { versions } = portable;
  expect(portable.backendClass).toBe(`wasm-simd/${versions['@tensorflow/tfjs']}+${versions['portable']}/1t/simd128`);
  expect(versions['node']).toBe(process.version);
  expect(portable.device).not.toBe('');
  expect(await openPortable()).toEqual(portable);
});

it.each(['cpu', 'auto'] as const)(
  'device %s opens the first package that loads, and says why not the others',
  async (device) => {
    const opened = await openBackend({ device });
    expect(tf.getBackend()).toBe(TFJS_NAME[opened.name]);
    expect(opened.backendClass.startsWith(`${opened.name}/`)).toBe(true);
    const packages =
      device === 'cpu' ? ['@tensorflow/tfjs-node'] : ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];
    const passedOver = refusedBackends();
    expect(packages.slice(0, passedOver.length)).toEqual(passedOver.map((refused) => refused.package));
    for (const { reason } of passedOver) expect(reason).not.toBe('');
    // Portable only when every package was passed over.
    expect(opened.name === 'wasm-simd').toBe(passedOver.length === packages.length);
  },
);

describe('native kernels', () => {
  const cacheFolder = fileURLToPath(new URL('../../../.reseed/native', import.meta.url));

  it('come before all others, or are passed over with a reason', async () => {
    const opened = await openBackend({ device: 'cpu', native: { cacheFolder, threads: 1 } });
    const [first] = refusedBackends();
    if (opened.name === 'native-cpu') {
      expect(first).toBeUndefined();
      expect(tf.getBackend()).toBe('native-cpu');
      expect(opened.backendClass).toMatch(/^native-cpu\/[^/]+\/1t\/[^/]+$/);
    } else {
      expect(first).toMatchObject({ package: '@reseed/tfjs-backend-native', reason: expect.stringMatching(/./) });
    }
  });

  it('are passed over where they cannot be built', async () => {
    const oneDnnPrefix = fileURLToPath(new URL('no-such-folder', import.meta.url));
    vi.resetModules();
    const fresh = await import('./backend.ts');
    const native = { cacheFolder, oneDnnPrefix };
    const opened = await fresh.openBackend({ device: 'cpu', native });
    expect(opened.name).not.toBe('native-cpu');
    expect(fresh.refusedBackends()[0].package).toBe('@reseed/tfjs-backend-native');
    const named = fresh.openBackend({ device: 'cpu', backend: 'native', native });
    await expect(named).rejects.toThrow(/^backend "native" was asked for, .*no-such-folder/);
  });
});

it('device gpu is a GPU or an error that says why there is none', async () => {
  const opened = await openBackend({ device: 'gpu' }).catch((error: unknown) => error);
  if (opened instanceof Error) {
    expect(opened).toBeInstanceOf(GpuUnavailableError);
    const { refused } = opened as GpuUnavailableError;
    expect(refused.map((backend) => backend.package)).toEqual(['@tensorflow/tfjs-node-gpu']);
    expect(refused).toEqual(refusedBackends());
    expect(opened.message).toContain(refused[0].reason);
  } else {
    expect(opened).toMatchObject({ name: 'tensorflow-gpu', deviceClass: 'gpu' });
  }
});
