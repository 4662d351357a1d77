/** The account that everything here belongs to. */
export const ACCOUNT_ID = '000000000000';

export const functionArn = (region: string, functionName: string): string =>
  `arn:aws:lambda:${region}:${ACCOUNT_ID}:function:${functionName}`;

/** Ten of `[a-z0-9]`, the same for the same `seed`, so that URLs outlive a restart. */
export function stableId(seed: string): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';
  let state = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(seed)) {
    state = BigInt.asUintN(64, (state ^ BigInt(byte)) * 0x100000001b3n);
  }
  let id = '';
  for (let index = 0; index < 10; index += 1) {
    id += alphabet.charAt(Number(state % 36n));
    state /= 36n;
  }
  return id;
}

/** 32 of `[a-z0-9]`, the same at every start: of the function URL that a template gives a function, or one of its aliases. */
export function functionUrlId(functionName: string, qualifier = ''): string {
  const parts = ['a', 'b', 'c', 'd'].map((part) => stableId(`function-url/${part}/${functionName}/${qualifier}`));
  return parts.join('').slice(0, 32);
}
