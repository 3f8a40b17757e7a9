// The two commands that the Prisma CLI asks about the database itself: does it answer, and make it.
import pg from 'pg';
import { connectionString } from './postgres-adapter.mjs';

/** An error with the code of Prisma's error reference. */
class DatabaseError extends Error {
  /** @param {string} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/**
 * @param {string} url
 * @param {(client: pg.Client) => Promise<unknown>} work
 */
async function withClient(url, work) {
  const client = new pg.Client({ connectionString: connectionString(url), connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
    await work(client);
  } catch (error) {
    throw named(error, new URL(url));
  } finally {
    await client.end().catch(() => {});
  }
}

function named(error, { hostname, port, pathname, username }) {
  const database = decodeURIComponent(pathname.slice(1));
  switch (error.code) {
    case '28P01':
    case '28000':
      return new DatabaseError('P1000', `Authentication failed against the database server for user "${username}".`);
    case '3D000':
      return new DatabaseError('P1003', `Database \`${database}\` does not exist`);
    case '42P04':
      return new DatabaseError('P1009', `Database \`${database}\` already exists on the database server`);
    default:
      if (error.severity) return error;
      return new DatabaseError(
        'P1001',
        `Can't reach database server at \`${hostname}:${port || 5432}\` (${error.message})`,
      );
  }
}

/**
 * @param {string} url
 * @throws {DatabaseError} P1000, P1001 or P1003
 */
export async function canConnect(url) {
  await withClient(url, (client) => client.query('SELECT 1'));
}

/**
 * @param {string} url address of the database to be
 * @returns {Promise<string>} its name
 */
export async function createDatabase(url) {
  const name = decodeURIComponent(new URL(url).pathname.slice(1));
  await withClient(connectionString(url, 'postgres'), (client) =>
    client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`),
  );
  return name;
}
