// What the commands that compute themselves open: the device that was asked for, with what this machine keeps for it.
import { nativeKernels, readConfig, tensorflowBindings } from '@reseed/config';
import type { BackendRequest, DeviceRequest } from '@reseed/training';
import { cloneRoot } from './clone-root.ts';

export function backendRequest(device: DeviceRequest): BackendRequest {
  const place = { root: cloneRoot, env: readConfig() };
  return { device, native: nativeKernels(place), tensorflowBindings: tensorflowBindings(place) };
}
