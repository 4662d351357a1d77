import { readFileSync, writeFileSync } from 'node:fs';
import type { GroupRecording, SceneRecording } from './recording.ts';

/** What AWS's own adapter does, by group. */
export type Recordings = Readonly<Record<string, GroupRecording>>;

const path = new URL('recordings.jsonl', import.meta.url);

type GroupLine = { readonly group: string } & Omit<GroupRecording, 'scenes'>;
type SceneLine = { readonly group: string; readonly scene: string } & SceneRecording;

/** One line for each group, and behind it one for each of its scenes. */
export function writeRecordings(recordings: Recordings): void {
  const lines = Object.entries(recordings).flatMap(([group, { scenes, ...rest }]): (GroupLine | SceneLine)[] => [
    { group, ...rest },
    ...Object.entries(scenes).map(([scene, recording]) => ({ group, scene, ...recording })),
  ]);
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

export function readRecordings(): Recordings {
  const recordings: Record<string, GroupRecording> = {};
  for (const text of readFileSync(path, 'utf8').trimEnd().split('\n')) {
    const { group, ...line } = JSON.parse(text) as GroupLine | SceneLine;
    const before = recordings[group];
    if (!('scene' in line)) recordings[group] = { ...line, scenes: {} };
    else if (before) {
      const { scene, ...recording } = line;
      recordings[group] = { ...before, scenes: { ...before.scenes, [scene]: recording } };
    }
  }
  return recordings;
}
