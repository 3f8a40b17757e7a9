// The top folder of this clone, from where the built command lies (apps/cli/dist).
import { fileURLToPath } from 'node:url';

export const cloneRoot = fileURLToPath(new URL('../../..', import.meta.url));
