// Where artifacts are kept when one, both or none of the variables are set.
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { artifactsAddress } from './artifacts-address.ts';
import { stateHome } from './state-home.ts';

const root = import.meta.dirname;
const addressWith = (env: { RESEED_HOME?: string; RESEED_ARTIFACTS?: string }) => artifactsAddress({ root, env });

it('is a folder of the state home unless RESEED_ARTIFACTS names one', () => {
  expect(addressWith({})).toBe(join(stateHome({ root, env: {} }), 'artifacts'));
  expect(addressWith({ RESEED_ARTIFACTS: '' })).toBe(addressWith({}));
  expect(addressWith({ RESEED_HOME: '/srv/reseed' })).toBe('/srv/reseed/artifacts');
  expect(addressWith({ RESEED_HOME: '/srv/reseed', RESEED_ARTIFACTS: '/mnt/large' })).toBe('/mnt/large');
});

it('is absolute, so that processes with other working folders mean the same; an address stays as it is', () => {
  expect(addressWith({ RESEED_ARTIFACTS: 'some/where' })).toBe(resolve('some/where'));
  expect(addressWith({ RESEED_ARTIFACTS: 's3://bucket/prefix' })).toBe('s3://bucket/prefix');
});
