// What is built lies in the state home, so that two clones never share it, unless the environment names a folder.
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { backendSettings } from './backend-settings.ts';
import { stateHome } from './state-home.ts';

const root = import.meta.dirname;
const home = stateHome({ root, env: {} });

it.each([
  [{}, home, undefined, join(home, 'tensorflow')],
  [{ RESEED_HOME: '/srv/reseed' }, '/srv/reseed', undefined, '/srv/reseed/tensorflow'],
  [{ RESEED_HOME: '/srv/reseed', RESEED_TENSORFLOW: 'some/where' }, '/srv/reseed', undefined, resolve('some/where')],
  [{ RESEED_ONEDNN: 'some/where', RESEED_TENSORFLOW: '' }, home, resolve('some/where'), join(home, 'tensorflow')],
])('%o', (env, folder, oneDnnPrefix, bindings) => {
  expect(backendSettings({ root, env: { RESEED_BACKEND: 'native', ...env } })).toEqual({
    backend: 'native',
    native: { cacheFolder: join(folder, 'native'), oneDnnPrefix },
    tensorflowBindings: bindings,
  });
});
