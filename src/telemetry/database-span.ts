import type { Attributes } from '@opentelemetry/api';
import type { RoundTrip } from './port.ts';

/**
 * The OpenTelemetry conventions for Redis and PostgreSQL, as of version 1.45, without the query text: it would hold keys and values.
 * `db.namespace` is the database of the configuration, which a connection never leaves.
 */
export function databaseAttributes(trip: RoundTrip): Attributes {
  const attributes: Attributes = {
    'db.system.name': trip.system ?? 'redis',
    'db.namespace': String(trip.database),
    'db.operation.name': trip.operation,
    'server.address': trip.host,
    'understudy.batch.size': trip.size,
  };
  if (trip.port !== undefined) attributes['server.port'] = trip.port;
  if (trip.peer !== undefined) {
    attributes['network.peer.address'] = trip.peer.address;
    attributes['network.peer.port'] = trip.peer.port;
  }
  if (trip.collection !== undefined) attributes['db.collection.name'] = trip.collection;
  if (trip.script !== undefined) attributes['db.stored_procedure.name'] = scriptName(trip.script);
  // The conventions rule out MGET by name: many keys are one operation with many operands. A script of changes is not.
  const batch = trip.operation === 'EVALSHA' || trip.operation === 'INSERT';
  if (batch && trip.size > 1) attributes['db.operation.batch.size'] = trip.size;
  return attributes;
}

/** `{operation} {target}`: the script where one runs, or the table, else the server as configured. Never the database number. */
export function spanName({ operation, script, collection, host, port }: RoundTrip): string {
  if (collection !== undefined) return `${operation} ${collection}`;
  if (script !== undefined) return `${operation} ${scriptName(script)}`;
  return port === undefined ? `${operation} ${host}` : `${operation} ${host}:${port}`;
}

/** What a failed round trip is called: the first word of an error reply, else the code or the name of the error. */
export function failedTrip(error: unknown): Attributes {
  if (!(error instanceof Error)) return { 'error.type': '_OTHER' };
  const replied = error.name === 'ReplyError' || error.name === 'BatchFailure';
  const status = replied ? /^[A-Z][A-Z0-9]*(?= |$)/.exec(error.message)?.[0] : undefined;
  if (status !== undefined) return { 'error.type': status, 'db.response.status_code': status };
  if ('code' in error && typeof error.code === 'string') return { 'error.type': error.code };
  return { 'error.type': error.name === 'Error' ? '_OTHER' : error.name };
}

function scriptName(script: NonNullable<RoundTrip['script']>): string {
  return `understudy.${script}`;
}
