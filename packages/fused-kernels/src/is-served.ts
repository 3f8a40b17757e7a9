// Whether the backend in use has a kernel; where it has not, the caller composes the result from stock operations.
import { getBackend, getKernel } from '@tensorflow/tfjs-core';

export const isServed = (kernel: string): boolean => getKernel(kernel, getBackend()) != null;
