use lambda_runtime::{
    run as serve, service_fn, streaming::Body, Error, LambdaEvent, MetadataPrelude, StreamResponse,
};
use serde_json::{json, Value};

use crate::answers::{broken, describe, first, large, Refused};

pub async fn run(name: &str) -> Result<(), Error> {
    match name {
        "echo" => {
            serve(service_fn(|event: LambdaEvent<Value>| async move {
                answer(&event.payload)
            }))
            .await
        }
        "error" => {
            serve(service_fn(|_: LambdaEvent<Value>| async {
                Err::<Value, _>(Refused)
            }))
            .await
        }
        "context" => {
            serve(service_fn(|event: LambdaEvent<Value>| async move {
                answer(&describe(&event.context))
            }))
            .await
        }
        "stream" => {
            serve(service_fn(|_: LambdaEvent<Value>| async {
                streamed(first())
            }))
            .await
        }
        "broken" => {
            serve(service_fn(|_: LambdaEvent<Value>| async {
                streamed(broken())
            }))
            .await
        }
        "early" => {
            serve(service_fn(|_: LambdaEvent<Value>| async {
                Err::<StreamResponse<Body>, _>(Refused)
            }))
            .await
        }
        "large" => {
            serve(service_fn(|_: LambdaEvent<Value>| async {
                streamed(large())
            }))
            .await
        }
        _ => Err(format!("no handler {name}").into()),
    }
}

fn answer(value: &Value) -> Result<Value, Error> {
    Ok(json!({
        "statusCode": 200,
        "headers": { "Content-Type": "application/json" },
        "body": value.to_string(),
    }))
}

fn streamed(stream: Body) -> Result<StreamResponse<Body>, Error> {
    let mut metadata_prelude = MetadataPrelude::default();
    metadata_prelude.status_code = 201.try_into()?;
    metadata_prelude
        .headers
        .insert("content-type", "text/plain".parse()?);
    metadata_prelude
        .headers
        .insert("x-kind", "streamed".parse()?);
    metadata_prelude.cookies.push("a=1".into());
    Ok(StreamResponse {
        metadata_prelude,
        stream,
    })
}
