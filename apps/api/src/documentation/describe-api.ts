// The OpenAPI document, made from the routes' own schemas, and its pages at /docs.
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { ERROR_CATALOGUE, ERROR_CODES } from '../errors/error-catalogue.ts';

const INTRODUCTION = `Post a grid of adversarial-training runs, follow it, and read paired comparisons with a verdict.

Metrics are fractions from 0 to 1. Ids are UUIDs. Unknown fields and query parameters are errors that name the nearest
known one. GET /v1/catalogue lists every axis with its meaning, default and limits.

Every error is \`{ "error": { "code", "message", "details" } }\` with one of these codes:

| code | status | meaning |
|---|---|---|
${ERROR_CODES.map((code) => `| \`${code}\` | ${ERROR_CATALOGUE[code].status} | ${ERROR_CATALOGUE[code].meaning} |`).join('\n')}
`;

const TAGS = [
  { name: 'experiments', description: 'Grids: post, follow, compare.' },
  { name: 'runs', description: 'One condition with one seed.' },
  { name: 'audits', description: 'Randomness recorded in your own training code.' },
  { name: 'catalogue', description: 'What a grid may hold.' },
  { name: 'operations', description: 'Workers, queues and health.' },
];

/** Registers the document and its pages; before the routes, which it collects as they are added. */
export async function describeApi(app: FastifyInstance, options: { readonly needsKey: boolean }): Promise<void> {
  const securitySchemes = {
    bearer: { type: 'http' as const, scheme: 'bearer' },
    apiKey: { type: 'apiKey' as const, in: 'header' as const, name: 'X-API-Key' },
  };
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Reseed', version: '1', description: INTRODUCTION, license: { name: 'Apache-2.0' } },
      tags: TAGS,
      ...(options.needsKey ? { components: { securitySchemes }, security: [{ bearer: [] }, { apiKey: [] }] } : {}),
    },
    transform: jsonSchemaTransform,
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { docExpansion: 'list', deepLinking: true },
    // The bar above offers to explore other documents, under somebody else's logo.
    theme: { title: 'Reseed API', css: [{ filename: 'reseed.css', content: '.topbar { display: none }' }] },
  });
}
