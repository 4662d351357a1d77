/** Version 27 of the layer is Lambda Web Adapter 1.0.0. */
const WEB_ADAPTER_VERSION = 27;

const WEB_ADAPTER = /^\{\{resolve:ssm:\/lambda-web-adapter\/layer\/(x86_64|arm64)\/latest(?::\d+)?\}\}$/;

/**
 * The value of a dynamic reference to a public parameter that needs no AWS: the ARN of the web adapter's newest layer.
 * @see https://aws.github.io/aws-lambda-web-adapter/getting-started/zip-packages.html
 */
export function publicParameter(reference: string, region: string): string | undefined {
  const architecture = WEB_ADAPTER.exec(reference)?.[1];
  if (architecture === undefined) return undefined;
  const name = architecture === 'arm64' ? 'LambdaAdapterLayerArm64' : 'LambdaAdapterLayerX86';
  return `arn:aws:lambda:${region}:753240598075:layer:${name}:${WEB_ADAPTER_VERSION}`;
}
