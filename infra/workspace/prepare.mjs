// Makes a clone ready: installs when the lock file changed and builds when a source changed. Safe when two commands start
// at once: the second waits for the first under a lock directory. Plain JavaScript, because nothing is installed yet.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const lock = join(root, '.reseed', 'prepare.lock');
const stamp = join(root, 'node_modules', '.reseed-installed');

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Reseed needs Node.js 20.19 or newer, this is ${process.versions.node}.`);
  process.exit(1);
}

function readOr(path, fallback) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return fallback;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

async function takeLock() {
  mkdirSync(join(root, '.reseed'), { recursive: true });
  for (let told = false; ; ) {
    try {
      mkdirSync(lock);
      writeFileSync(join(lock, 'pid'), String(process.pid));
      process.on('exit', () => rmSync(lock, { recursive: true, force: true }));
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const owner = Number(readOr(join(lock, 'pid'), '0'));
    // A lock without a pid is either being taken this very moment or was left by a crash between two system calls.
    if (owner === 0) await sleep(1000);
    const now = Number(readOr(join(lock, 'pid'), '0'));
    if (now === owner && (owner === 0 || !isAlive(owner))) rmSync(lock, { recursive: true, force: true });
    else {
      if (!told) console.error('Waiting for another command that is preparing this clone …');
      told = true;
      await sleep(300);
    }
  }
}

function runOrExit(label, command, args) {
  const started = Date.now();
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    shell: process.platform === 'win32',
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', npm_config_loglevel: 'error' },
  });
  if (result.status !== 0) {
    console.error(`${label} failed:\n${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`);
    process.exit(result.status ?? 1);
  }
  return ((Date.now() - started) / 1000).toFixed(1);
}

await takeLock();
const wanted = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .update(`${process.version} ${process.platform} ${process.arch}`)
  .digest('hex');
if (readOr(stamp, '') !== wanted) {
  console.error('Installing dependencies (npm ci) …');
  const seconds = runOrExit('npm ci', 'npm', ['ci', '--no-audit', '--no-fund']);
  writeFileSync(stamp, wanted);
  console.error(`Installed in ${seconds} s.`);
}
runOrExit('The build', join(root, 'node_modules', '.bin', 'turbo'), ['run', 'build', '--output-logs=errors-only']);
