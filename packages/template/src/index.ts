export { readOpenApiDocument } from './open-api-document.ts';
export { type ReadTemplateOptions, readTemplate } from './read-template.ts';
