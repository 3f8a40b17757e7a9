// The public surface of the TensorFlow.js binding that is built here.
export { type BindingKind, findBinding, type FoundBinding } from './binding-folder.ts';
export { type BindingRequest, buildBinding, type BuiltBinding } from './build-binding.ts';
export { libraryVersions } from './library-folders.ts';
export { loadBinding } from './load-binding.ts';
