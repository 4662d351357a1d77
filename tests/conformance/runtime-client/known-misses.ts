/** Scenes in which our bootstrap differs from AWS's client, and why. One that passes all the same must leave this list. */
export const knownMisses: ReadonlyMap<string, string> = new Map([
  ['the cause of an error for X-Ray', 'No X-Ray daemon is served, so nobody would read the cause.'],
  [
    'another kind of streaming',
    "AWS's client 3.3.0 does not import its own MalformedStreamingHandler and fails with a ReferenceError; ours says what is meant.",
  ],
]);
