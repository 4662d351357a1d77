#!/bin/sh
# Lambda Web Adapter starts this file: the template names it as the handler. It needs its execute bit and lines that end in LF alone.
exec node --enable-source-maps "$LAMBDA_TASK_ROOT/server.mjs"
