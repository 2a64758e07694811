export type { ServedSystem } from './context.ts';
export { type HttpFace, type HttpParts, serveHttp } from './serve-http.ts';
