# Every case for Python, whichever client runs them: AWS's awslambdaric when it lies beside this file.
import json
import os
import socket
import sys


class Refused(Exception):
    pass


def answer(value):
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(value)}


def echo(event, context):
    return answer(event)


def error(event, context):
    raise Refused("refused: 無理")


def context(event, context):
    return answer(
        {
            "requestId": context.aws_request_id,
            "invokedFunctionArn": context.invoked_function_arn,
            "remainingMs": context.get_remaining_time_in_millis(),
            "functionName": context.function_name,
            "functionVersion": context.function_version,
            "memoryLimitInMB": context.memory_limit_in_mb,
            "logGroupName": context.log_group_name,
            "logStreamName": context.log_stream_name,
            "traceId": os.environ["_X_AMZN_TRACE_ID"],
            "region": os.environ["AWS_REGION"],
            "taskRoot": os.environ["LAMBDA_TASK_ROOT"],
            "own": os.environ["OWN"],
            "hasAwsClient": "awslambdaric" in sys.modules,
        }
    )


def wait():
    """Waits until the test lets go on."""
    host, port = os.environ["GATE"].split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.recv(1)


# What a person would write who hopes that generators stream.
def stream(event, context):
    yield "first "
    wait()
    yield "last"


def broken(event, context):
    yield "first "
    wait()
    raise Refused("refused: 無理")


early = error


def large(event, context):
    for index in range(1024):
        yield bytes([index % 251]) * 65536
