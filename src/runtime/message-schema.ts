import type { Message } from './protocol.ts';

type Validated<M> =
  | { readonly value: M; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** What a schema has against a message. Its text may quote the message, so only the place is told. */
interface SchemaIssue {
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** Schema of one message type: any Standard Schema (zod, valibot, arktype, ...) that validates synchronously. */
export interface MessageSchema<M extends Message = Message> {
  readonly '~standard': {
    readonly validate: (value: unknown) => Validated<M> | Promise<Validated<M>>;
  };
}

/** Schemas of all the messages that an actor takes from strangers, by message type. */
export type MessageSchemas = Readonly<Record<string, MessageSchema>>;
