#!/bin/sh
# Lambda Web Adapter starts this file: the template names it as the handler. It needs its execute bit and lines that end in LF alone.
# pip --target puts the dependencies into vendor/, "sam build" beside the app.
export PYTHONPATH="$LAMBDA_TASK_ROOT/vendor:$LAMBDA_TASK_ROOT"
exec python3 -u -m uvicorn main:app --host 127.0.0.1 --port "$PORT" --log-level warning
