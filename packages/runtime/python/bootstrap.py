# Python inside an execution environment: what Lambda starts for the runtimes python3.*, with the standard library alone. It steps aside
# for AWS's own client, awslambdaric, when the function or one of its layers brings it.
#
# Same as AWS, by its client 4.2: where modules are searched, how a handler is found and what each failure is called, the context object,
# events and results, error documents, log lines in both formats.
# On purpose: boto3 and what it needs come from this machine's Python, if it has them; nothing else that is installed there is seen.
# Missing: the log channel of _LAMBDA_TELEMETRY_LOG_FD, X-Ray causes, SnapStart, results with Decimal (Lambda writes them as numbers).
import http.client
import importlib
import importlib.machinery
import importlib.util
import json
import logging
import os
import re
import site
import sys
import time
import traceback
from types import SimpleNamespace

TASK_ROOT = os.environ["LAMBDA_TASK_ROOT"]
LAYERS = (sys.argv[1] if len(sys.argv) > 1 else "/opt") + "/python"
AWS_SDK = {"boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3"}
IS_JSON = os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON"
# Until 3.11 Lambda's runtimes escaped what is not ASCII.
IS_OLD = re.fullmatch(r"AWS_Lambda_python3\.([89]|1[01])", os.environ.get("AWS_EXECUTION_ENV", "")) is not None
CLIENT = ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")


class Fault(Exception):
    """What the runtime says in its own name."""

    def __init__(self, name, message, trace=()):
        super().__init__(message)
        self.document = error_document("Runtime." + name, message, trace)


class HostAwsSdk:
    """Finds the AWS SDK, which Lambda's runtimes hold, in this machine's own packages."""

    def __init__(self, directories):
        self.directories = directories

    def find_spec(self, name, path=None, target=None):
        if path is not None or name not in AWS_SDK:
            return None
        return importlib.machinery.PathFinder.find_spec(name, self.directories, target)


def search_like_lambda():
    version = "python%d.%d" % sys.version_info[:2]
    packages = {os.path.realpath(each) for each in [*site.getsitepackages(), site.getusersitepackages()]}
    own = os.path.dirname(os.path.realpath(__file__))
    kept = [each for each in sys.path if os.path.realpath(each) not in {*packages, own}]
    sys.path[:] = [TASK_ROOT, LAYERS + "/lib/" + version + "/site-packages", LAYERS, *kept]
    sys.meta_path.append(HostAwsSdk(sorted(packages)))


class Context:
    def __init__(self, headers):
        variable = os.environ.get
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = variable("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = variable("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = variable("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = variable("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = variable("AWS_LAMBDA_LOG_STREAM_NAME")
        self.tenant_id = headers["Lambda-Runtime-Aws-Tenant-Id"]
        self.client_context = client_context(parsed(headers, "Client-Context"))
        identity = parsed(headers, "Cognito-Identity") or {}
        self.identity = SimpleNamespace(
            cognito_identity_id=identity.get("cognitoIdentityId"),
            cognito_identity_pool_id=identity.get("cognitoIdentityPoolId"),
        )
        self._deadline_ms = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline_ms - int(time.time() * 1000))

    def log(self, message):
        sys.stdout.write(str(message))


def client_context(given):
    if given is None:
        return None
    client = given.get("client")
    fields = None if client is None else SimpleNamespace(**{name: client.get(name) for name in CLIENT})
    return SimpleNamespace(custom=given.get("custom"), env=given.get("env"), client=fields)


def parsed(headers, name):
    text = headers["Lambda-Runtime-" + name]
    try:
        return json.loads(text) if text else None
    except ValueError as error:
        raise Fault("LambdaContextUnmarshalError", "Unable to parse %s JSON: %s" % (name.replace("-", " "), error))


class RuntimeApi:
    """One connection, as AWS's client has it. When it breaks, Lambda is gone, and so is this process."""

    def __init__(self, address):
        self.connection = http.client.HTTPConnection(address)

    def next(self):
        self.connection.request("GET", "/2018-06-01/runtime/invocation/next")
        response = self.connection.getresponse()
        return response.headers, response.read()

    def post(self, path, body, content_type="application/json", headers=()):
        named = {"Content-Type": content_type, **dict(headers)}
        self.connection.request("POST", "/2018-06-01/runtime/" + path, body, named)
        self.connection.getresponse().read()

    def post_error(self, path, document):
        headers = {"Lambda-Runtime-Function-Error-Type": document["errorType"]}
        kind = "application/vnd.aws.lambda.error+json"
        self.post(path, json.dumps(document).encode(), kind, headers)


def load(handler):
    module_name, dot, name = handler.rpartition(".")
    if not dot:
        reason = "not enough values to unpack (expected 2, got 1)"
        raise Fault("MalformedHandlerName", "Bad handler '%s': %s" % (handler, reason))
    if module_name.split(".")[0] in sys.builtin_module_names:
        raise Fault("BuiltInModuleConflict", "Cannot use built-in module %s as a handler module" % module_name)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        advise(error)
        raise Fault("ImportModuleError", "Unable to import module '%s': %s" % (module_name, error))
    except SyntaxError as error:
        trace = ['  File "%s" Line %s\n    %s' % (error.filename, error.lineno, error.text)]
        raise Fault("UserCodeSyntaxError", "Syntax error in module '%s': %s" % (module_name, error), trace)
    if not hasattr(module, name):
        raise Fault("HandlerNotFound", "Handler '%s' missing on module '%s'" % (name, module_name))
    return getattr(module, name)


def advise(error):
    missing = (getattr(error, "name", None) or "").partition(".")[0]
    if isinstance(error, ModuleNotFoundError) and missing in AWS_SDK:
        what = "[spillway] %s comes with Lambda's runtime, but the Python here has none. Install it: %s -m pip install boto3"
        print(what % (missing, sys.executable))


def run(function, event_body, headers):
    context = Context(headers)
    if (headers["Content-Type"] or "application/json") == "application/json":
        try:
            event = json.loads(event_body)
        except ValueError as error:
            raise Fault("UnmarshalError", "Unable to unmarshal input: %s" % error)
    else:
        event = event_body
    result = function(event, context)
    if isinstance(result, bytes):
        return result, "application/unknown"
    try:
        return json.dumps(result, ensure_ascii=IS_OLD).encode(), "application/json"
    except (TypeError, ValueError) as error:
        raise Fault("MarshalError", "Unable to marshal response: %s" % error)


def error_document(kind, message, trace=(), request_id=""):
    return {"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": list(trace)}


def document_of(error, request_id=""):
    """Without the frames of this file."""
    if isinstance(error, Fault):
        return {**error.document, "requestId": request_id}
    frames = traceback.extract_tb(error.__traceback__)
    first = next((index for index, frame in enumerate(frames) if frame.filename != __file__), 0)
    return error_document(type(error).__name__, str(error), traceback.format_list(frames[first:]), request_id)


def log_error(document):
    if IS_JSON:
        print(json.dumps({"timestamp": timestamp(time.time()), "level": "ERROR", **document}))
        return
    text = document["errorType"] + (": " + document["errorMessage"] if document["errorMessage"] else "")
    trace = [line for entry in document["stackTrace"] for line in entry.splitlines() or [""]]
    # Spaces that log viewers keep.
    kept = ["\u00a0" * (len(line) - len(line.lstrip(" "))) + line.lstrip(" ") for line in trace]
    # One event, though it has lines.
    print("\r".join(["[ERROR] " + text, "Traceback (most recent call last):", *kept]))


def timestamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class LogHandler(logging.Handler):
    request_id = ""

    def emit(self, record):
        record.aws_request_id = self.request_id
        sys.stdout.write(self.format(record) + "\n")


class JsonFormatter(logging.Formatter):
    def format(self, record):
        fields = {
            "timestamp": timestamp(record.created),
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
        }
        if record.exc_info:
            kind, error, trace = record.exc_info
            stack = traceback.format_list(traceback.extract_tb(trace))
            fields.update(stackTrace=stack, errorType=kind.__name__, errorMessage=str(error))
        if record.aws_request_id:
            fields["requestId"] = record.aws_request_id
        return json.dumps(fields, ensure_ascii=False, default=str)


def set_up_logging():
    logging.Formatter.converter = time.gmtime
    text = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s"
    handler = LogHandler()
    handler.setFormatter(JsonFormatter() if IS_JSON else logging.Formatter(text, "%Y-%m-%dT%H:%M:%S"))
    root = logging.getLogger()
    root.addHandler(handler)
    level = os.environ.get("AWS_LAMBDA_LOG_LEVEL")
    if level:
        root.setLevel({"TRACE": "DEBUG", "FATAL": "CRITICAL"}.get(level, level))
    return handler


def hand_over():
    """To AWS's client, if the function has one that this Python can load."""
    found = importlib.util.find_spec("awslambdaric")
    if found is None:
        return
    try:
        # Its compiled part, which it would miss only at the first invocation.
        importlib.import_module("runtime_client")
        from awslambdaric.__main__ import main
    except ImportError as error:
        print("[spillway] The function's awslambdaric can't be loaded (%s): its handler is run without it." % error)
        return
    main(["awslambdaric", os.environ["_HANDLER"]])
    sys.exit(0)


def serve():
    sys.stdout.reconfigure(line_buffering=True, write_through=True, encoding="utf-8", errors="backslashreplace")
    log = set_up_logging()
    api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        function = load(os.environ["_HANDLER"])
    except Exception as error:
        document = document_of(error)
        log_error(document)
        api.post_error("init/error", document)
        sys.exit(1)
    while True:
        headers, event_body = api.next()
        log.request_id = request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        trace_id = headers["Lambda-Runtime-Trace-Id"]
        os.environ.pop("_X_AMZN_TRACE_ID", None)
        if trace_id:
            os.environ["_X_AMZN_TRACE_ID"] = trace_id
        try:
            result, content_type = run(function, event_body, headers)
        except Exception as error:
            if isinstance(error, ImportError):
                advise(error)
            document = document_of(error, request_id)
            log_error(document)
            api.post_error("invocation/%s/error" % request_id, document)
        else:
            api.post("invocation/%s/response" % request_id, result, content_type)


if __name__ == "__main__":
    search_like_lambda()
    hand_over()
    serve()
