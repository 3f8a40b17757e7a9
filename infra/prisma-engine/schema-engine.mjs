#!/usr/bin/env node
// A stand-in for Prisma's downloaded schema engine: the same JSON-RPC over stdio, answered by the engine's WebAssembly build.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { SchemaEngine, version } from '@prisma/schema-engine-wasm/schema_engine_bg';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import { canConnect, createDatabase } from './database-commands.mjs';
import { FilesOnlyAdapterFactory, MigrationAdapterFactory } from './postgres-adapter.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  strict: false,
  options: {
    datamodels: { type: 'string', multiple: true, default: [] },
    datasource: { type: 'string' },
    'enabled-preview-features': { type: 'string' },
    'extension-types': { type: 'string' },
    version: { type: 'boolean' },
  },
});
/** Ends of a diff that need no database; a migrations folder does, to apply it to. */
const filesOnly = new Set(['empty', 'schemaDatamodel']);
const url = options.datasource === undefined ? undefined : JSON.parse(options.datasource).url;

let panic;
keepPanics();
instantiate();
if (options.version) console.log(`schema-engine-wasm ${version()}`);
else if (positionals[0] === 'cli') await runCommand(positionals[1]);
else serve();

/** Where the engine leaves its last words before it traps. */
function keepPanics() {
  globalThis.PRISMA_WASM_PANIC_REGISTRY = {
    set_message: (message) => {
      panic = message;
    },
  };
}

/** Node 20 cannot import a .wasm file, which is what the package's own entry does. */
function instantiate() {
  const file = createRequire(import.meta.url)
    .resolve('@prisma/schema-engine-wasm')
    .replace(/\.js$/, '_bg.wasm');
  const module = new WebAssembly.Module(readFileSync(file));
  const instance = new WebAssembly.Instance(module, { './schema_engine_bg.js': bindings });
  bindings.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
}

/** `cli can-connect-to-database` and `cli create-database`: exit code 1 and a log line tell the CLI what is wrong. */
async function runCommand(command) {
  try {
    await (command === 'create-database' ? createDatabase(url) : canConnect(url));
  } catch (error) {
    const { message, code } = describe(error);
    // The CLI skips the first line, where the native engine logs its start.
    log('INFO', { message: 'Starting schema engine CLI' });
    log('ERROR', { is_panic: false, error_code: code, message });
    process.exitCode = 1;
  }
}

function log(level, fields) {
  const line = { timestamp: new Date().toISOString(), level, fields, target: 'schema_engine::logger' };
  process.stderr.write(`${JSON.stringify(line)}\n`);
}

/** Answers requests one after the other until the CLI closes stdin. */
function serve() {
  let live;
  let offline;
  const engines = {
    live: () => (live ??= openEngine(new MigrationAdapterFactory(address()))),
    offline: () => (offline ??= openEngine(new FilesOnlyAdapterFactory())),
  };
  let asked;
  // A trap inside one of the engine's own tasks reaches nobody who waits, so the request in hand is answered here.
  process.on('uncaughtException', (error) => {
    fail(asked, error);
    process.exit(101);
  });
  let last = Promise.resolve();
  const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
  lines.on('line', (line) => {
    const request = JSON.parse(line);
    // A line without a method is the CLI's thanks for a "print".
    if (request.method === undefined) return;
    last = last.then(() => {
      asked = request.id;
      return answer(engines, request);
    });
  });
  lines.on('close', () => void last.then(() => process.exit(0)));
}

function address() {
  if (url === undefined) throw new Error('The database address is missing: set DATABASE_URL.');
  return url;
}

function openEngine(factory) {
  const files = options.datamodels.map((path) => [path, readFileSync(path, 'utf8')]);
  const datamodels = files.length > 0 ? files : undefined;
  return SchemaEngine.new({ datamodels }, () => {}, bindMigrationAwareSqlAdapterFactory(factory));
}

async function answer(engines, { id, method, params }) {
  try {
    const result = await call(engines, method, params);
    send({ jsonrpc: '2.0', id, result: result ?? {} });
  } catch (error) {
    fail(id, error);
  }
}

function fail(id, error) {
  const { message, code, meta } = describe(error);
  const data = { is_panic: error instanceof WebAssembly.RuntimeError, message, error_code: code, meta };
  send({ jsonrpc: '2.0', id, error: { code: 4466, message, data } });
}

async function call(engines, method, params) {
  if (method === 'createDatabase') return { databaseName: await createDatabase(params.datasource?.url ?? address()) };
  const isAboutFiles = method === 'diff' && [params.from, params.to].every(({ tag }) => filesOnly.has(tag));
  const engine = await (isAboutFiles ? engines.offline() : engines.live());
  switch (method) {
    case 'getDatabaseVersion':
      return engine.version(params);
    case 'createMigration':
      // The engine diffs against what devDiagnostic made it remember.
      await engine.devDiagnostic({ migrationsList: params.migrationsList, filters: params.filters });
      return engine.createMigration(params);
    case 'diff': {
      const { exitCode, stdout } = await engine.diff(params);
      // Printed on request, not returned: `migrate diff --output` listens for prints only.
      if (stdout) send({ jsonrpc: '2.0', id: `print-${Date.now()}`, method: 'print', params: { content: stdout } });
      return { exitCode, stdout: null };
    }
    default:
      if (typeof engine[method] !== 'function') throw new Error(`The schema engine has no method "${method}".`);
      return engine[method](params);
  }
}

function send(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function describe(error) {
  const code = /^P\d{4}$/.test(error?.code) ? error.code : undefined;
  const message = error instanceof WebAssembly.RuntimeError && panic ? panic : (error?.message ?? String(error));
  return { message, code, meta: error?.meta };
}
