// What the commands that compute themselves open: the device that was asked for, with what this machine keeps for it.
import { backendSettings, readConfig } from '@reseed/config';
import type { BackendRequest, DeviceRequest } from '@reseed/training';
import { cloneRoot } from './clone-root.ts';

export const backendRequest = (device: DeviceRequest): BackendRequest => ({
  device,
  ...backendSettings({ root: cloneRoot, env: readConfig() }),
});
