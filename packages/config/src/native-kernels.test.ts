// Native kernels are opt-in; their folder follows the state home.
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { nativeKernels } from './native-kernels.ts';
import { stateHome } from './state-home.ts';

const root = import.meta.dirname;

it('are asked for by RESEED_BACKEND alone', () => {
  expect(nativeKernels({ root, env: { RESEED_ONEDNN: '/opt/onednn' } })).toBeUndefined();
  const cacheFolder = join(stateHome({ root, env: {} }), 'native');
  expect(nativeKernels({ root, env: { RESEED_BACKEND: 'native' } })).toEqual({ cacheFolder, oneDnnPrefix: undefined });
});

it('lie in the state home; the folder of oneDNN is absolute', () => {
  const env = { RESEED_BACKEND: 'native', RESEED_HOME: '/srv/reseed', RESEED_ONEDNN: 'some/where' } as const;
  expect(nativeKernels({ root, env })).toEqual({
    cacheFolder: '/srv/reseed/native',
    oneDnnPrefix: resolve('some/where'),
  });
});
