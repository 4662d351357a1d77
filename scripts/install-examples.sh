#!/bin/sh
# Makes what the scenarios of the examples need in a directory outside the checkout: FastAPI, httpx and uvicorn for this machine's
# python3, and the Hono server. What is there already stays, unless the example wants other versions.
# Then: export SPILLWAY_FASTAPI_DIR=DIRECTORY/fastapi SPILLWAY_HONO_DIR=DIRECTORY/hono-lwa
set -eu

if [ $# -ne 1 ]; then
  echo "usage: sh scripts/install-examples.sh DIRECTORY" >&2
  exit 2
fi
examples="$(cd "$(dirname "$0")/../examples" && pwd)"
mkdir -p "$1"
cd "$1"

# The same versions, for the same Python.
wanted="$(python3 --version) $(cat "$examples/python-fastapi/src/requirements.txt")"
if [ "$(cat fastapi.installed 2>/dev/null)" != "$wanted" ]; then
  rm -rf fastapi pip
  python3 -m venv pip
  pip/bin/pip install --quiet --disable-pip-version-check --target fastapi -r "$examples/python-fastapi/src/requirements.txt"
  echo "$wanted" >fastapi.installed
fi

mkdir -p hono-lwa
if ! cmp -s "$examples/hono-lwa/package-lock.json" hono-lwa/package-lock.json; then
  cp "$examples/hono-lwa/package.json" "$examples/hono-lwa/package-lock.json" hono-lwa/
  npm ci --no-audit --no-fund --prefix hono-lwa || { rm hono-lwa/package-lock.json; exit 1; }
fi
rm -rf hono-lwa/src
cp -R "$examples/hono-lwa/package.json" "$examples/hono-lwa/tsconfig.json" "$examples/hono-lwa/src" hono-lwa/
npm run --prefix hono-lwa check
npm run --prefix hono-lwa build
