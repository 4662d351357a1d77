export { type ReadTemplateOptions, readTemplate } from './read-template.ts';
