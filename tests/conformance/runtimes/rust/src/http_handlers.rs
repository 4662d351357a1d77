use lambda_http::{
    run as serve, run_with_streaming_response as stream, service_fn, Body, Error, Request,
    RequestExt, Response,
};
use lambda_runtime::streaming::Body as Streamed;
use serde_json::{json, Value};

use crate::answers::{broken, describe, first, large, Refused};

pub async fn run(name: &str) -> Result<(), Error> {
    match name {
        "echo" => {
            serve(service_fn(|request: Request| async move {
                answer(&echo(&request))
            }))
            .await
        }
        "error" => {
            serve(service_fn(|_: Request| async {
                Err::<Response<Body>, _>(Refused)
            }))
            .await
        }
        "context" => {
            serve(service_fn(|request: Request| async move {
                answer(&describe(&request.lambda_context()))
            }))
            .await
        }
        "stream" => stream(service_fn(|_: Request| async { streamed(first()) })).await,
        "broken" => stream(service_fn(|_: Request| async { streamed(broken()) })).await,
        "early" => {
            stream(service_fn(|_: Request| async {
                Err::<Response<Streamed>, _>(Refused)
            }))
            .await
        }
        "large" => stream(service_fn(|_: Request| async { streamed(large()) })).await,
        _ => Err(format!("no handler http.{name}").into()),
    }
}

fn echo(request: &Request) -> Value {
    json!({
        "httpMethod": request.method().as_str(),
        "path": request.raw_http_path(),
        "queryStringParameters": { "q": request.query_string_parameters().first("q") },
        "body": std::str::from_utf8(request.body()).unwrap_or_default(),
    })
}

fn answer(value: &Value) -> Result<Response<String>, Error> {
    Ok(Response::builder()
        .header("content-type", "application/json")
        .body(value.to_string())?)
}

fn streamed(body: Streamed) -> Result<Response<Streamed>, Error> {
    let response = Response::builder()
        .status(201)
        .header("content-type", "text/plain");
    Ok(response
        .header("x-kind", "streamed")
        .header("set-cookie", "a=1")
        .body(body)?)
}
