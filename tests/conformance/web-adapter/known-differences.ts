import type { GroupRecording, RecordedAnswer, SceneRecording } from './recording.ts';

export interface KnownDifference {
  readonly reason: string;
  /** What ours does, given what AWS's binary does. */
  readonly ours: (theirs: GroupRecording) => GroupRecording;
}

/** The scene ends the adapter instead. */
const panics: KnownDifference = {
  reason: 'The binary is built for tests, where a panic becomes an error; the released layer aborts: Extension.Crash.',
  ours: (theirs) => ({
    ...theirs,
    exitCode: 134,
    log: [],
    scenes: mapScenes(theirs, (scene) => ({ ...scene, answer: null })),
  }),
};

const errorStatus: KnownDifference = {
  reason: "The released 1.0.0 puts the app's answer into the message; of 1.x only 1.0.0-rc1 is to be had as source.",
  ours: withErrors((message) => {
    const statusCode = Number(/: (\d+)$/.exec(message)?.[1]);
    return JSON.stringify({ statusCode, body: statusCode === 500 ? 'oops ü' : '' });
  }),
};

/** Groups of scenes in which our adapter differs from AWS's binary 1.0.0-rc1. One that is equal all the same must leave this list. */
export const knownDifferences: Readonly<Record<string, KnownDifference>> = {
  'a host that is none': panics,
  'a body that is no base64': panics,
  'a query that should be encoded': panics,
  'buffered and broken off': panics,
  'buffered and broken off in chunks': panics,
  'configured error statuses': errorStatus,
  'configured error statuses of a stream': errorStatus,
  'an event that is no JSON': {
    reason: 'What is wrong with it is told by the JSON parser, in its own words.',
    ours: withErrors((message) => message.replace(/: EOF.*/, ': Unexpected end of JSON input')),
  },
};

function withErrors(ours: (message: string) => string): KnownDifference['ours'] {
  return (theirs) => ({
    ...theirs,
    scenes: mapScenes(theirs, (scene) => ({ ...scene, answer: scene.answer && withMessage(scene.answer, ours) })),
  });
}

function withMessage(answer: RecordedAnswer, ours: (message: string) => string): RecordedAnswer {
  if (!('error' in answer)) return answer;
  const error = answer.error as { readonly errorMessage: string };
  return { ...answer, error: { ...error, errorMessage: ours(error.errorMessage) } };
}

function mapScenes(
  { scenes }: GroupRecording,
  ours: (scene: SceneRecording) => SceneRecording,
): GroupRecording['scenes'] {
  return Object.fromEntries(Object.entries(scenes).map(([name, scene]) => [name, ours(scene)]));
}
