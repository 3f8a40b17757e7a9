// Health of a worker's container: the API has heard a live worker of this host. RESEED_URL names the API.
import { hostname } from 'node:os';

const { RESEED_URL, RESEED_API_KEY } = process.env;
const headers = RESEED_API_KEY ? { authorization: `Bearer ${RESEED_API_KEY}` } : {};
const response = await fetch(new URL('/v1/workers', RESEED_URL), { headers, signal: AbortSignal.timeout(5000) });
if (!response.ok) throw new Error(`${RESEED_URL} answered ${response.status}`);
const { items } = await response.json();
if (!items.some(({ host, alive }) => alive && host === hostname())) throw new Error(`no live worker on ${hostname()}`);
