/** A panic in AWS's adapter: the process ends at once, which Lambda reports as `Extension.Crash`. */
export class AdapterCrash extends Error {
  override readonly name = 'AdapterCrash';
}

/** As if killed by SIGABRT, without its core dump. */
export const CRASH_EXIT_CODE = 134;
