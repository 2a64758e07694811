import { once } from 'node:events';
import express from 'express';
import session from 'express-session';
import { createUnderstudy } from 'understudy-cache';
import { sessionStore } from 'understudy-cache/express-session';

declare module 'express-session' {
  interface SessionData {
    user?: string;
  }
}

const understudy = await createUnderstudy({
  redis: { url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' },
  // As many sessions as are to go on while Redis is out.
  memory: { maxEntries: 100_000 },
});
const app = express();
app.use(
  session({
    store: sessionStore(session, understudy, { prefix: 'session:' }),
    secret: process.env.SESSION_SECRET ?? 'only for this example',
    resave: false,
    saveUninitialized: false,
    rolling: true,
    cookie: { maxAge: 30 * 60_000 },
  }),
);
app.post('/login/:user', (request, response, next) => {
  request.session.regenerate((error) => {
    if (error) return next(error);
    request.session.user = request.params.user;
    response.sendStatus(204);
  });
});
app.get('/', (request, response) => {
  response.send(`Hello, ${request.session.user ?? 'stranger'}.`);
});
app.post('/logout', (request, response, next) => {
  request.session.destroy((error) => (error ? next(error) : response.sendStatus(204)));
});

// One user, who logs in, is known, and logs out.
const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');
const address = server.address();
if (address === null || typeof address === 'string') throw new Error('It listens on a port');
const url = `http://127.0.0.1:${address.port}`;
const login = await fetch(`${url}/login/Ada`, { method: 'POST' });
const headers = {
  cookie: login.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join(),
};
const greeting = async () => (await fetch(url, { headers })).text();
console.log(await greeting());
await fetch(`${url}/logout`, { method: 'POST', headers });
console.log(await greeting());

server.close();
server.closeAllConnections();
await understudy.stop();
