// What the commands that compute themselves open: the device that was asked for, with what this machine keeps for it.
import { backendSettings, readConfig } from '@reseed/config';
import type { BackendRequest, DeviceRequest } from '@reseed/training';
import { cloneRoot } from './clone-root.ts';

export function backendRequest(device: DeviceRequest): BackendRequest {
  const settings = backendSettings({ root: cloneRoot, env: readConfig() });
  const onCompile = () => console.error('Compiling native kernels for this processor, once …');
  return { device, ...settings, native: { ...settings.native, onCompile } };
}
