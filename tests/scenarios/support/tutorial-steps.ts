/** One command of a document, and what it is shown to print. */
export interface TutorialStep {
  /** As a shell takes it; of several lines, all. */
  readonly command: string;
  /** Undefined: the document does not show it. */
  readonly shown: string | undefined;
  /** Of the first line of the command. */
  readonly line: number;
}

/**
 * The steps of a Markdown document: each line behind `$ ` in a block of ```console (its other lines are what it prints; `> ` goes on with a
 * command), and each whole block of ```sh. A block with a second word is a step of the variants of that name alone.
 */
export function tutorialSteps(markdown: string, variant: string): TutorialStep[] {
  const steps: TutorialStep[] = [];
  const lines = markdown.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const [, language, only = variant] = /^```(console|sh)(?: (\S+))?$/.exec(lines[index] ?? '') ?? [];
    if (language === undefined) continue;
    const end = lines.indexOf('```', index);
    const block = lines.slice(index + 1, end);
    if (only === variant) steps.push(...(language === 'sh' ? [script(block, index + 2)] : session(block, index + 2)));
    index = end;
  }
  return steps;
}

const script = (block: readonly string[], line: number): TutorialStep => ({
  command: block.join('\n'),
  shown: undefined,
  line,
});

function session(block: readonly string[], firstLine: number): TutorialStep[] {
  const starts = block.flatMap((text, index) => (text.startsWith('$ ') ? [index] : []));
  return starts.map((start, index) => {
    const lines = block.slice(start, starts[index + 1]);
    const first = lines.findIndex((text, at) => at > 0 && !text.startsWith('> '));
    const end = first === -1 ? lines.length : first;
    return {
      command: lines
        .slice(0, end)
        .map((text) => text.slice(2))
        .join('\n'),
      shown: lines.slice(end).join('\n'),
      line: firstLine + start,
    };
  });
}

/** Whether `printed` is what the document shows: `...` is any text of one line, a line of `...` alone any lines or none. */
export function isAsShown(printed: string, shown: string): boolean {
  const pattern = shown
    .split('\n')
    .map((line) => (line === '...' ? '(?:.*\\n)*' : `${line.split('...').map(escaped).join('.*')}\\n`))
    .join('');
  // The CLI begins an error with an empty line.
  const text = printed.replaceAll('\r', '').replace(/^\n+|\n+$/g, '');
  return new RegExp(`^${pattern}$`).test(`${text}\n`);
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** A command may fail only where the document shows an error. */
export const mayFail = (shown = ''): boolean => /^(?:An error occurred|curl: \()/m.test(shown);
