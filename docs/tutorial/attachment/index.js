// Characters that end a header, turn the direction of text around, or are not allowed in a file's name.
const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069<>:"/\\|?*%]/gu;

/** A Content-Disposition that saves under the last part of the key. */
exports.attachment = (key) => {
  const last = key.split('/').findLast((part) => part !== '') ?? 'download';
  const name = last.replace(UNSAFE, '_').replace(/^\.+/, '_');
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${name.replace(/[^\x20-\x7e]/gu, '_')}"; filename*=UTF-8''${encoded}`;
};
