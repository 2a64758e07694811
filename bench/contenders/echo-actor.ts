import { type ActorSpec, defineActor, type Protocol } from 'understudy-cache';

type EchoProtocol = Protocol<{ 'echo.say': { request: { readonly text: string }; reply: string } }>;

/** The least that an actor of a host application can do. */
export const echoActor: ActorSpec<EchoProtocol> = defineActor<EchoProtocol>({
  id: 'echo',
  start: () => ({
    receive: (envelope) => envelope.reply(envelope.message.text),
  }),
});
