// The fingerprint of a set of weights: equal exactly when every bit of every weight is equal.
import { createHash } from 'node:crypto';

/** sha256, in hex, over the float32 little-endian bytes of every tensor in state_dict order and PyTorch's layout. */
export function weightHash(torchTensors: readonly Float32Array[]): string {
  const hash = createHash('sha256');
  for (const tensor of torchTensors) {
    const bytes = new DataView(new ArrayBuffer(4 * tensor.length));
    tensor.forEach((value, i) => bytes.setFloat32(4 * i, value, true));
    hash.update(bytes);
  }
  return hash.digest('hex');
}
