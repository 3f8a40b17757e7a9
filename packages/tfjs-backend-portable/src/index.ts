// The public surface of the portable TensorFlow.js CPU backend.
export { installPortableBackend, portableBackendVersion } from './install-portable-backend.ts';
export { ScratchExhaustedError } from './kernel-module.ts';
