// Prisma's Postgres driver adapter with the repairs that migrations need.
import { PrismaPg } from '@prisma/adapter-pg';
import { ColumnTypeEnum, DriverAdapterError } from '@prisma/driver-adapter-utils';
import pg from 'pg';

/** The catalog's one-byte type "char". */
const CHAR = 18;
/** Catalog types that the adapter refuses, and plain ones with the same text form: "char" → text, name[] → text[]. */
const READ_AS = new Map([
  [CHAR, 25],
  [1003, 1009],
]);

/** Which columns of an answer were "char": the engine reads those as single characters and traps on a text. */
const charColumns = new WeakMap();

/** A connection whose catalog answers come in types that the adapter knows. */
class CatalogClient extends pg.Client {
  query(config, values, callback) {
    const asked = config?.types ? { ...config, types: knownTypes(config.types) } : config;
    if (typeof callback === 'function') {
      return super.query(asked, values, (error, result) => callback(error, renameTypes(result)));
    }
    return super.query(asked, values).then(renameTypes);
  }
}

function knownTypes(types) {
  return { getTypeParser: (oid, format) => types.getTypeParser(READ_AS.get(oid) ?? oid, format) };
}

function renameTypes(result) {
  if (!Array.isArray(result?.fields)) return result;
  charColumns.set(
    result.rows,
    result.fields.map(({ dataTypeID }) => dataTypeID === CHAR),
  );
  for (const field of result.fields) field.dataTypeID = READ_AS.get(field.dataTypeID) ?? field.dataTypeID;
  return result;
}

/** For a diff between files: the engine asks a database for its version only, to choose among dialects. */
export class FilesOnlyAdapterFactory {
  provider = 'postgres';
  adapterName = '@prisma/adapter-pg';

  async connect() {
    const refuse = async () => {
      throw new Error('A diff between files reached for a database.');
    };
    const { provider, adapterName } = this;
    return {
      provider,
      adapterName,
      queryRaw: ({ sql }) => (sql.includes('server_version_num') ? versionAnswer() : refuse()),
      executeRaw: refuse,
      executeScript: refuse,
      startTransaction: refuse,
      getConnectionInfo: () => ({ schemaName: 'public', supportsRelationJoins: true }),
      dispose: async () => {},
    };
  }

  connectToShadowDb() {
    return this.connect();
  }
}

async function versionAnswer() {
  const { Boolean: truth, Text, Int32 } = ColumnTypeEnum;
  return {
    columnNames: ['exists', 'version', 'numeric_version'],
    columnTypes: [truth, Text, Int32],
    rows: [[true, 'PostgreSQL 18.0', 180_000]],
  };
}

/**
 * Sends a migration as one script (cut at every ';', the adapter's way, a function body or a quoted text would break) and
 * gives "char" columns their type back.
 */
async function repaired(connected) {
  const adapter = await connected;
  const queryRaw = adapter.queryRaw.bind(adapter);
  adapter.queryRaw = async (query) => {
    const answer = await queryRaw(query);
    const isChar = charColumns.get(answer.rows);
    const columnTypes = answer.columnTypes.map((type, i) => (isChar?.[i] ? ColumnTypeEnum.Character : type));
    return { ...answer, columnTypes };
  };
  adapter.executeScript = async (script) => {
    try {
      await adapter.underlyingDriver().query(script);
    } catch (error) {
      if (!error.severity) throw error;
      const { code, severity, message, detail, column, hint } = error;
      const facts = { kind: 'postgres', code, severity, message, detail, column, hint };
      throw new DriverAdapterError({ originalCode: code, originalMessage: message, ...facts });
    }
  };
  return adapter;
}

/**
 * @param {string} url
 * @param {string} [database] another database on the same server
 * @returns {string} a form that pg understands: Prisma's own query parameters taken out
 */
export function connectionString(url, database) {
  const address = new URL(url);
  for (const name of ['schema', 'connection_limit', 'pool_timeout', 'pgbouncer']) address.searchParams.delete(name);
  if (database !== undefined) address.pathname = `/${encodeURIComponent(database)}`;
  return address.href;
}

/** Driver adapter factory for the schema engine. */
export class MigrationAdapterFactory extends PrismaPg {
  #url;

  /** @param {string} url database that is migrated; its `schema` parameter names the schema, "public" without it */
  constructor(url) {
    const schema = new URL(url).searchParams.get('schema') ?? 'public';
    super({ connectionString: connectionString(url), Client: CatalogClient }, { schema });
    this.#url = url;
  }

  connect() {
    return repaired(super.connect());
  }

  /** The adapter's own version connects to the main database when it was given a connection string, and drops a shadow in use. */
  async connectToShadowDb() {
    const name = `prisma_migrate_shadow_db_${process.pid}_${Date.now().toString(36)}`;
    const main = await this.connect();
    await main.executeScript(`CREATE DATABASE "${name}"`);
    const shadow = await new PrismaPg({
      connectionString: connectionString(this.#url, name),
      Client: CatalogClient,
    }).connect();
    const close = shadow.dispose.bind(shadow);
    shadow.dispose = async () => {
      await close();
      await main.executeScript(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
      await main.dispose();
    };
    return repaired(shadow);
  }
}
