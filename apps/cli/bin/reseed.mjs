#!/usr/bin/env node
// Checked in, so that npm can link it before anything is built; runs the built command.
import { existsSync } from 'node:fs';

const built = new URL('../dist/main.js', import.meta.url);
if (!existsSync(built)) {
  console.error('Reseed is not built yet. Run: npm run build');
  process.exit(1);
}
await import(built.href);
