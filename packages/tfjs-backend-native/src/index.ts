// The public surface of the native TensorFlow.js CPU backend.
export {
  installNativeBackend,
  type NativeInstallation,
  nativeBackendVersion,
  ThreadsFixedError,
} from './install-native-backend.ts';
