// Entry of a child of `reseed doctor`: opens one backend, or lets the usual choice be made, and tells its parent what came of it.
import { type BackendPackage, openBackend, probeBackend, refusedBackends } from '@reseed/training';
import { backendRequest } from './backend-request.ts';

const [, , asked] = process.argv;
const request = backendRequest('auto');

if (asked === 'chosen') {
  const opened = await openBackend(request);
  process.send?.({ opened, refused: refusedBackends() });
} else {
  process.send?.({ opened: await probeBackend(asked as BackendPackage, request) });
}
// TensorFlow's threads would keep the process.
process.disconnect?.();
