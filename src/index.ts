export { createUnderstudy } from './system.ts';
