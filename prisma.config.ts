// Where the Prisma CLI finds the schema, the migrations and the database.
import { defineConfig } from 'prisma/config';
import { chooseSchemaEngine } from './infra/prisma-engine/choose-engine.mjs';

await chooseSchemaEngine(process.env);

const url = process.env.DATABASE_URL;

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  // `generate`, `validate` and `format` need no database.
  ...(url ? { datasource: { url } } : {}),
});
