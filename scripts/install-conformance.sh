#!/bin/sh
# Installs what the conformance suites compare with into a directory outside the checkout, unless it is there already:
# AWS's own Node.js runtime client, without its native part (tests/conformance/runtime-client has a stand-in).
# Then: export SPILLWAY_AWS_LAMBDA_RIC_DIR=DIRECTORY
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
