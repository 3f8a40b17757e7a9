// Builds the API without listening: routes, documentation, errors, keys and the queue dashboard.
import helmet from '@fastify/helmet';
import { fastify, type FastifyBaseLogger, LogController } from 'fastify';
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Api, ApiContext } from './api-context.ts';
import { describeApi } from './documentation/describe-api.ts';
import { answerErrors } from './errors/answer-errors.ts';
import { queueBoard } from './queue-board.ts';
import { catalogueRoutes } from './routes/catalogue.ts';
import { auditRoutes } from './routes/audits.ts';
import { comparisonRoutes } from './routes/comparison.ts';
import { evaluationRoutes } from './routes/evaluations.ts';
import { experimentRoutes } from './routes/experiments.ts';
import { healthRoutes } from './routes/health.ts';
import { queueRoutes } from './routes/queues.ts';
import { runWeightsRoutes } from './routes/run-weights.ts';
import { runRoutes } from './routes/runs.ts';
import { traceAuditRoutes } from './routes/trace-audits.ts';
import { workerRoutes } from './routes/workers.ts';
import { refuseForeignOrigin } from './security/refuse-foreign-origin.ts';
import { requireKey } from './security/require-key.ts';
import { compileValidator } from './validate-request.ts';

const BODY_LIMIT_BYTES = 8 * 2 ** 20;
/** A request whose services hang is answered 503 after this. */
const HANDLER_LIMIT_MS = 30_000;

/** The documentation and the queue dashboard bring inline scripts and styles of their own; nothing comes from elsewhere. */
const CONTENT_POLICY = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'self'"],
    scriptSrc: ["'self'", "'unsafe-inline'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'data:'],
    fontSrc: ["'self'", 'data:'],
    objectSrc: ["'none'"],
    frameAncestors: ["'none'"],
  },
};

/** Lists are polled: what went well and changed nothing is not worth a line of the log. */
function logRequests(app: Api): void {
  app.addHook('onResponse', async (request, reply) => {
    const level = reply.statusCode >= 400 || request.method !== 'GET' ? 'info' : 'debug';
    const { method, url } = request;
    request.log[level](
      { method, url, status: reply.statusCode, milliseconds: Math.round(reply.elapsedTime) },
      'answered',
    );
  });
}

export async function buildApi(context: ApiContext): Promise<Api> {
  const { config } = context;
  const key = config.RESEED_API_KEY;
  const app: Api = fastify({
    loggerInstance: context.logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT_BYTES,
    handlerTimeout: HANDLER_LIMIT_MS,
    routerOptions: { ignoreTrailingSlash: true },
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(compileValidator);
  app.setSerializerCompiler(serializerCompiler);
  // Everything else is answered 415.
  app.removeContentTypeParser('text/plain');
  answerErrors(app);
  logRequests(app);
  await app.register(helmet, { contentSecurityPolicy: CONTENT_POLICY, strictTransportSecurity: false });
  refuseForeignOrigin(app, config.RESEED_HOST);
  if (key !== undefined) requireKey(app, key);
  await describeApi(app, { needsKey: key !== undefined });
  app.get('/', { schema: { hide: true } }, (_request, reply) => reply.redirect('/docs'));
  healthRoutes(app, context);
  catalogueRoutes(app);
  experimentRoutes(app, context);
  comparisonRoutes(app, context);
  auditRoutes(app, context);
  traceAuditRoutes(app);
  runRoutes(app, context);
  evaluationRoutes(app, context);
  runWeightsRoutes(app, context);
  workerRoutes(app, context);
  queueRoutes(app, context);
  await queueBoard(app, { queues: context.queues, access: key === undefined ? 'readOnly' : 'full' });
  return app;
}
