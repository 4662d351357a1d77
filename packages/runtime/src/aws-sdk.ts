export function provideAwsSdk(_taskRoot: string): void {}
