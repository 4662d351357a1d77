#!/bin/sh
# Installs what the conformance suites compare with, or run, into a directory outside the checkout. What is there already stays, unless
# another version or other sources are wanted. A missing tool is said, and its suites will be skipped.
# Then: export SPILLWAY_CONFORMANCE_DIR=DIRECTORY SPILLWAY_AWS_LAMBDA_RIC_DIR=DIRECTORY SPILLWAY_LWA_BINARY=DIRECTORY/lwa/bin/lambda-adapter
set -eu

if [ $# -ne 1 ]; then
  echo "usage: sh scripts/install-conformance.sh DIRECTORY" >&2
  exit 2
fi
runtimes="$(cd "$(dirname "$0")/../tests/conformance/runtimes" && pwd)"
mkdir -p "$1"
cd "$1"
directory=$(pwd)

# has WHAT TOOL...: says what will be skipped if a tool is missing.
has() {
  what=$1
  shift
  for tool; do
    command -v "$tool" >/dev/null && continue
    echo "$tool is missing: $what is not installed, and its conformance suite will be skipped." >&2
    return 1
  done
}

# is_new NAME WANTED: whether NAME was not installed yet, or as something else. `done_with NAME WANTED` notes that it is.
is_new() { [ "$(cat "$1.installed" 2>/dev/null)" != "$2" ]; }
done_with() { echo "$2" >"$1.installed"; }

sources() { (cd "$1" && find . -type f ! -path '*/target/*' | LC_ALL=C sort | xargs cksum); }

# AWS's Node.js client without its native part, for tests/conformance/runtime-client, which has a stand-in.
ric=3.3.0
if ! grep -q "\"version\": \"$ric\"" node_modules/aws-lambda-ric/package.json 2>/dev/null; then
  [ -e package.json ] || echo '{ "private": true }' >package.json
  npm install --ignore-scripts --no-audit --no-fund --prefix . "aws-lambda-ric@$ric"
fi

# The same with it: 2 to 6 minutes on two cores. Only what runs is kept, 1 of 160 MB.
native_ric() {
  is_new "$1" "$2 $(uname -m)" || return 0
  has "aws-lambda-ric $2 with its native client" autoconf automake libtoolize cmake make g++ || return 0
  rm -rf "$1" "$1.build"
  mkdir -p "$1.build" "$1/package"
  echo '{ "private": true }' >"$1.build/package.json"
  npm install --foreground-scripts --no-audit --no-fund --prefix "$1.build" "aws-lambda-ric@$2" >"$1.log" 2>&1 || {
    tail -n 50 "$1.log" >&2
    exit 1
  }
  (cd "$1.build/node_modules/aws-lambda-ric" && rm -rf deps node-addon-api && cp -R . "$directory/$1/package")
  rm -rf "$1.build"
  done_with "$1" "$2 $(uname -m)"
}
native_ric ric-3 3.3.0
native_ric ric-4 4.0.2

# AWS's Python client, for this machine's python3.
python=awslambdaric==4.2.2
if has "$python" python3; then
  wanted="$python $(python3 --version)"
  if is_new python "$wanted"; then
    rm -rf python
    python3 -m venv python/venv
    python/venv/bin/pip install --quiet --disable-pip-version-check --target python/packages "$python"
    rm -rf python/venv
    done_with python "$wanted"
  fi
fi

# The functions of tests/conformance/runtimes for AWS's Go and Rust clients: 10 seconds, 1 to 2 minutes.
wanted=$(sources "$runtimes/go")
if is_new go "$wanted" && has aws-lambda-go go; then
  (cd "$runtimes/go" && CGO_ENABLED=0 go build -mod=readonly -tags lambda.norpc -o "$directory/go/bootstrap" .)
  done_with go "$wanted"
fi
wanted=$(sources "$runtimes/rust")
if is_new rust "$wanted" && has 'lambda_runtime and lambda_http' cargo; then
  cargo build --quiet --locked --manifest-path "$runtimes/rust/Cargo.toml" --target-dir rust/target
  cp rust/target/debug/bootstrap rust/bootstrap
  done_with rust "$wanted"
fi

# AWS's Lambda Web Adapter (1 to 3 minutes), and the layer that it makes with the crate's own bootstrap.
lwa=1.0.0-rc1
if is_new lwa "$lwa" && has "Lambda Web Adapter $lwa" cargo; then
  cargo install lambda_web_adapter --version "$lwa" --locked --debug --force --root lwa
  mkdir -p lwa/layer/extensions
  cp lwa/bin/lambda-adapter lwa/layer/extensions/
  cp "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/"lambda_web_adapter-$lwa/layer/bootstrap" lwa/layer/
  chmod +x lwa/layer/bootstrap
  done_with lwa "$lwa"
fi

# Another S3, for tests/conformance/s3: 2 minutes.
versitygw=v1.8.0
if is_new versitygw "$versitygw" && has "versitygw $versitygw" go; then
  GOBIN="$directory/versitygw-$versitygw" go install "github.com/versity/versitygw/cmd/versitygw@$versitygw"
  mkdir -p versitygw
  mv "versitygw-$versitygw/versitygw" versitygw/
  rmdir "versitygw-$versitygw"
  done_with versitygw "$versitygw"
fi
