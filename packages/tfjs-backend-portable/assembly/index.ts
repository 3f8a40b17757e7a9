// What the compiled module exports; it has no memory of its own and works on that of the TensorFlow.js wasm backend.

export { convolve, convolveBackToFilter, convolveBackToInput } from './convolve';
export { add, maximum, minimum, sign } from './elementwise';
export { clear, listWindows, padImages, unpadImages } from './image-padding';
export { maxPoolGradient } from './max-pool-gradient';
export { multiplyMatrices } from './multiply-matrices';
export { packColumns, packColumnsTransposed } from './pack';
export { stepAndProject } from './step-and-project';
export { sumAxis } from './sum-axis';
