/** Who keeps logs as CloudWatch Logs does. One message is one event; it keeps its final line feed, if it has one. */
export interface LogWriter {
  putLogEvent(logGroupName: string, logStreamName: string, message: string, timestampMs?: number): void;
}
