import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { DownloadRecord } from './download-record.ts';

/** One structured log line and one set of metrics a request, by Powertools for AWS Lambda. */
export class Telemetry {
  readonly #logger: Logger;
  readonly #metrics: Metrics;
  #isColdStart = true;

  constructor(metricsNamespace: string) {
    const serviceName = process.env['POWERTOOLS_SERVICE_NAME'] ?? 'download';
    this.#logger = new Logger({ serviceName });
    this.#metrics = new Metrics({ namespace: metricsNamespace, serviceName });
  }

  publish(record: DownloadRecord, requestId: string | undefined): void {
    const line = { ...record, function_request_id: requestId, coldStart: this.#isColdStart };
    this.#isColdStart = false;
    if (record.outcome === 'broken' || record.outcome === 'failed') this.#logger.error('download', line);
    else this.#logger.info('download', line);
    this.#metrics.addDimension('outcome', record.outcome);
    this.#metrics.addMetric('Downloads', MetricUnit.Count, 1);
    this.#metrics.addMetric('SentBytes', MetricUnit.Bytes, record.sentBytes);
    this.#metrics.addMetric('Resumes', MetricUnit.Count, record.resumes);
    this.#metrics.addMetric('Retries', MetricUnit.Count, record.retries);
    if (record.storeLatencyMs !== undefined) {
      this.#metrics.addMetric('StoreLatency', MetricUnit.Milliseconds, record.storeLatencyMs);
    }
    this.#metrics.publishStoredMetrics();
  }
}
