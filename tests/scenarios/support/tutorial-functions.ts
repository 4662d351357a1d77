import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { HAS_PYTHON } from './examples.ts';
import type { Workspace } from './system.ts';

/** A function as tutorials have it: the address of a bucket on AWS is written into its code. */
export interface TutorialFunction {
  /** Its directory, and the first segment of its route. */
  readonly name: string;
  readonly title: string;
  readonly properties: Readonly<Record<string, unknown>>;
  /** By name in its directory. */
  readonly files: Readonly<Record<string, string>>;
  /** Puts more into its directory. */
  readonly install?: (directory: string) => void;
  /** What is missing on this machine; undefined when it can run. */
  readonly missing: string | undefined;
}

const BUCKET = 'my-bucket';
const HOST = `${BUCKET}.s3.us-east-1.amazonaws.com`;

const WEB_ADAPTER = {
  Layers: ['arn:aws:lambda:us-east-1:753240598075:layer:LambdaAdapterLayerX86:27'],
  Environment: {
    Variables: { AWS_LAMBDA_EXEC_WRAPPER: '/opt/bootstrap', AWS_LWA_INVOKE_MODE: 'response_stream', PORT: '8080' },
  },
};

const NODE: TutorialFunction = {
  name: 'node',
  title: 'Node.js, https.get',
  properties: { Runtime: 'nodejs22.x', Handler: 'index.handler' },
  files: {
    'index.mjs': `
import https from 'node:https';
import { pipeline } from 'node:stream/promises';

export const handler = awslambda.streamifyResponse(async (event, responseStream) => {
  const url = 'https://${HOST}/' + event.pathParameters.key;
  const object = await new Promise((resolve, reject) => https.get(url, resolve).on('error', reject));
  const headers = { 'Content-Type': object.headers['content-type'], 'Content-Length': object.headers['content-length'] };
  await pipeline(object, awslambda.HttpResponseStream.from(responseStream, { statusCode: object.statusCode, headers }));
});
`,
  },
  missing: undefined,
};

const FASTAPI_DIRECTORY = process.env['SPILLWAY_FASTAPI_DIR'] ?? '/nowhere';

const FASTAPI: TutorialFunction = {
  name: 'fastapi',
  title: 'FastAPI, httpx (needs SPILLWAY_FASTAPI_DIR)',
  properties: { ...WEB_ADAPTER, Runtime: 'python3.12', Handler: 'run.sh' },
  files: {
    'run.sh': `#!/bin/sh
export PYTHONPATH="$LAMBDA_TASK_ROOT/vendor:$LAMBDA_TASK_ROOT"
exec python3 -u -m uvicorn main:app --host 127.0.0.1 --port "$PORT" --log-level warning
`,
    'main.py': `
import httpx
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

BUCKET = "${BUCKET}"
REGION = "us-east-1"
app = FastAPI()
client = httpx.AsyncClient()

@app.get("/")
def ready():
    return {}

@app.get("/fastapi/{key:path}")
async def download(key: str):
    request = client.build_request("GET", f"https://{BUCKET}.s3.{REGION}.amazonaws.com/{key}")
    answer = await client.send(request, stream=True)
    names = ("content-type", "content-length")
    headers = {name: answer.headers[name] for name in names}
    return StreamingResponse(answer.aiter_raw(), answer.status_code, headers)
`,
  },
  install: (directory) =>
    cpSync(FASTAPI_DIRECTORY, join(directory, 'vendor'), { recursive: true, preserveTimestamps: true }),
  missing: HAS_PYTHON && existsSync(FASTAPI_DIRECTORY) ? undefined : 'SPILLWAY_FASTAPI_DIR',
};

const STDLIB: TutorialFunction = {
  name: 'stdlib',
  title: 'http.server, urllib.request (needs python3)',
  properties: { ...WEB_ADAPTER, Runtime: 'python3.12', Handler: 'run.sh' },
  files: {
    'run.sh': '#!/bin/sh\nexec python3 -u "$LAMBDA_TASK_ROOT/server.py"\n',
    'server.py': `
import os, shutil, urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *_): pass
    def do_GET(self):
        if self.path == "/":
            self.send_response(204)
            return self.end_headers()
        url = "https://${HOST}/" + self.path.removeprefix("/stdlib/")
        with urllib.request.urlopen(url) as answer:
            self.send_response(answer.status)
            for name in ("Content-Type", "Content-Length"):
                self.send_header(name, answer.headers[name])
            self.end_headers()
            shutil.copyfileobj(answer, self.wfile, 262144)

ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
`,
  },
  missing: HAS_PYTHON ? undefined : 'python3',
};

const GO_COMMAND = 'go';
const HAS_GO = spawnSync(GO_COMMAND, ['version'], { stdio: 'ignore' }).status === 0;

const GO: TutorialFunction = {
  name: 'go',
  title: 'Go, net/http (needs go)',
  properties: { ...WEB_ADAPTER, Runtime: 'provided.al2023', Handler: 'bootstrap' },
  files: {
    'go.mod': 'module tutorial\n\ngo 1.21\n',
    'main.go': `
package main

import (
	"io"
	"log"
	"net/http"
	"os"
	"strings"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			return
		}
		answer, err := http.Get("https://${HOST}/" + strings.TrimPrefix(r.URL.Path, "/go/"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer answer.Body.Close()
		for _, name := range []string{"Content-Type", "Content-Length"} {
			w.Header().Set(name, answer.Header.Get(name))
		}
		w.WriteHeader(answer.StatusCode)
		if _, err := io.Copy(w, answer.Body); err != nil {
			panic(http.ErrAbortHandler)
		}
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
`,
  },
  install: (directory) => {
    const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod' };
    const { status, stderr } = spawnSync(GO_COMMAND, ['build', '-o', 'bootstrap', '.'], {
      cwd: directory,
      env,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
  },
  missing: HAS_GO ? undefined : 'go',
};

export const TUTORIAL_FUNCTIONS: readonly TutorialFunction[] = [NODE, FASTAPI, STDLIB, GO];

export const TUTORIAL_BUCKET = BUCKET;

/** The template and the code of those functions that can run here, each at `GET /NAME/{key+}`. */
export async function writeTutorialFunctions(workspace: Workspace): Promise<void> {
  for (const { name, files, install, missing } of TUTORIAL_FUNCTIONS) {
    if (missing !== undefined) continue;
    const directory = join(workspace.path, name);
    mkdirSync(directory, { recursive: true });
    await workspace.write(Object.fromEntries(Object.entries(files).map(([file, text]) => [`${name}/${file}`, text])));
    install?.(directory);
  }
  await workspace.write({ 'template.yaml': JSON.stringify(template(), null, 2) });
}

const template = () => ({
  Transform: 'AWS::Serverless-2016-10-31',
  Resources: {
    Objects: {
      Type: 'AWS::S3::Bucket',
      Properties: {
        BucketName: BUCKET,
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          IgnorePublicAcls: true,
          BlockPublicPolicy: false,
          RestrictPublicBuckets: false,
        },
      },
    },
    ObjectsPolicy: {
      Type: 'AWS::S3::BucketPolicy',
      Properties: {
        Bucket: BUCKET,
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${BUCKET}/*` },
          ],
        },
      },
    },
    Api: {
      Type: 'AWS::Serverless::Api',
      Properties: { StageName: 'prod', EndpointConfiguration: { Type: 'REGIONAL' }, BinaryMediaTypes: ['*/*'] },
    },
    ...Object.assign({}, ...TUTORIAL_FUNCTIONS.filter(({ missing }) => missing === undefined).map(functionResource)),
  },
});

const functionResource = ({ name, properties }: TutorialFunction) => ({
  [`${name}Function`]: {
    Type: 'AWS::Serverless::Function',
    Properties: {
      ...properties,
      CodeUri: name,
      Timeout: 120,
      MemorySize: 512,
      Events: {
        Get: {
          Type: 'Api',
          Properties: {
            RestApiId: { Ref: 'Api' },
            Path: `/${name}/{key+}`,
            Method: 'GET',
            ResponseTransferMode: 'RESPONSE_STREAM',
            TimeoutInMillis: 120_000,
          },
        },
      },
    },
  },
});

/** Laid out as AWS's layer, with its binary. */
export async function writeAwsLayer(workspace: Workspace, binary: string): Promise<string> {
  await workspace.write({ 'layer/bootstrap': '#!/bin/sh\nexec "$LAMBDA_TASK_ROOT/$_HANDLER"\n' });
  mkdirSync(join(workspace.path, 'layer/extensions'), { recursive: true });
  copyFileSync(binary, join(workspace.path, 'layer/extensions/lambda-adapter'));
  return join(workspace.path, 'layer');
}
