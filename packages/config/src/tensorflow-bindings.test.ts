// Bindings lie in the state home, so that two clones never share one, unless the environment names a folder.
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { stateHome } from './state-home.ts';
import { tensorflowBindings } from './tensorflow-bindings.ts';

const root = import.meta.dirname;

it.each([
  [{}, join(stateHome({ root, env: {} }), 'tensorflow')],
  [{ RESEED_HOME: '/srv/reseed' }, '/srv/reseed/tensorflow'],
  [{ RESEED_HOME: '/srv/reseed', RESEED_TENSORFLOW: 'some/where' }, resolve('some/where')],
  [{ RESEED_TENSORFLOW: '' }, join(stateHome({ root, env: {} }), 'tensorflow')],
])('%o', (env, folder) => {
  expect(tensorflowBindings({ root, env })).toBe(folder);
});
