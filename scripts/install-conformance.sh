#!/bin/sh
# Installs what the conformance suites compare with into a directory outside the checkout, unless it is there already.
# AWS's own Node.js runtime client, without its native part (tests/conformance/runtime-client has a stand-in).
# Then: export SPILLWAY_AWS_LAMBDA_RIC_DIR=DIRECTORY
# AWS's own Lambda Web Adapter, where there is cargo (1 to 3 minutes): DIRECTORY/lwa/bin/lambda-adapter.
# Then: export SPILLWAY_LWA_BINARY=DIRECTORY/lwa/bin/lambda-adapter
set -eu

if [ $# -ne 1 ]; then
  echo "usage: sh scripts/install-conformance.sh DIRECTORY" >&2
  exit 2
fi

version=3.3.0
manifest="$1/node_modules/aws-lambda-ric/package.json"
if ! grep -q "\"version\": \"$version\"" "$manifest" 2>/dev/null; then
  mkdir -p "$1"
  [ -e "$1/package.json" ] || echo '{ "private": true }' >"$1/package.json"
  npm install --ignore-scripts --no-audit --no-fund --prefix "$1" "aws-lambda-ric@$version"
fi

lwa_version=1.0.0-rc1
lwa="$1/lwa"
if ! grep -q "\"lambda_web_adapter $lwa_version " "$lwa/.crates2.json" 2>/dev/null || [ ! -x "$lwa/bin/lambda-adapter" ]; then
  if command -v cargo >/dev/null; then
    cargo install lambda_web_adapter --version "$lwa_version" --locked --debug --root "$lwa"
  else
    echo "cargo is missing: Lambda Web Adapter is not installed, and its conformance suite will be skipped." >&2
  fi
fi
